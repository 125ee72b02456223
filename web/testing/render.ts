import { cleanup, render } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { afterEach } from 'vitest';
import Provided from './Provided.svelte';

/** Puts a component onto a page of its own, among the contexts that `provide` gives it. */
export function renderWith<Props extends Record<string, unknown>>(
  provide: () => void,
  component: Component<Props>,
  props: Props,
): void {
  render(Provided<Props>, { props: { provide, component, props } });
}

afterEach(cleanup);
