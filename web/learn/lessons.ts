import type { Manifest } from '../../core/model/manifest';
import { calibratedParameters, defaultParameters, policyById, type PolicyParameters } from '../../core/policies';
import { defaultFields, type Fields, fieldTable } from '../../core/view/fields';
import { writeLink } from '../../core/view/link';
import type { learn } from '../words/en/learn';

export type LessonId = keyof typeof learn.lessons.list;

/** Plain praise, irony, and irony in disguise: the page runs them when the lesson is opened. */
export const CLIMBING = [
  'A warm, funny and deeply moving film.',
  'Oh great, another sequel nobody asked for.',
  'What a joy it is to watch paint dry for two hours.',
];

/** What each lesson sets; all else is as the page begins. */
export const LESSONS: Readonly<Record<LessonId, Partial<Fields>>> = {
  climb: { view: 'play', task: 'sst2', source: 'sentences', text: CLIMBING.join('\n') },
  cost: { view: 'play', task: 'sst2', mobileLayer: 8 },
  trust: { view: 'compare', panel: 'confidence', task: 'cola' },
};

/** The lessons whose task the model has. */
export function lessonsFor({ tasks }: Pick<Manifest, 'tasks'>): readonly LessonId[] {
  return (Object.keys(LESSONS) as LessonId[]).filter((id) => (LESSONS[id].task ?? '') in tasks);
}

/** The hash that sets the page for a lesson. The device, which is not the lesson's business, stays. */
export function lessonHash(
  id: LessonId,
  manifest: Manifest,
  device: Pick<Fields, 'backend' | 'variant'>,
): Promise<string> {
  const { backend, variant } = device;
  const fields = { ...defaultFields(fieldTable(manifest)), ...LESSONS[id], backend, variant };
  return writeLink(
    { fields, parameters: lessonParameters(fields, manifest), parametersB: {}, onlineParameters: {} },
    manifest,
  );
}

function lessonParameters({ policy: id, task }: Fields, manifest: Manifest): PolicyParameters {
  const policy = policyById(id);
  return {
    ...defaultParameters(policy, manifest.layers),
    ...calibratedParameters(policy, manifest.layers, manifest.tasks[task]?.thresholds),
  };
}
