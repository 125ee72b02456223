import { expect, it } from 'vitest';
import { csvOfExits } from './exits-table';

it('has a line for each layer and tier that settles rows', () => {
  const counts = { mobile: [0, 3, 0], edge: [0, 1, 0], cloud: [0, 0, 4] };
  expect(csvOfExits({ counts, rows: 8 })).toBe(
    'layer,tier,rows,share\n2,mobile,3,0.375\n2,edge,1,0.125\n3,cloud,4,0.5\n',
  );
});
