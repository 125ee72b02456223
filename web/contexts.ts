import { createContext } from 'svelte';
import type { Plan } from '../core/layers';
import type { Optimiser } from './compare/comparison/Optimiser.svelte';
import type { PolicyTable } from './compare/comparison/PolicyTable.svelte';
import type { Lab } from './compare/Lab.svelte';
import type { Device } from './device/Device.svelte';
import type { OwnData } from './own-data/OwnData.svelte';
import type { RowFilter } from './results/RowFilter.svelte';
import type { ShownRows } from './results/ShownRows.svelte';
import type { DevSplit } from './state/DevSplit.svelte';
import type { Fields } from '../core/view/fields';
import type { EdgeTokens } from './state/EdgeTokens';
import type { Fitting } from './state/Fitting.svelte';
import type { Notices } from './state/Notices.svelte';
import type { Offline } from './state/Offline.svelte';
import type { PageWorker } from './state/PageWorker.svelte';
import type { Picture } from './state/Picture.svelte';
import type { Sentences } from './state/Sentences.svelte';
import type { Settings } from './state/Settings.svelte';
import type { UndoStack } from './state/UndoStack.svelte';
import type { WorkerTier } from './state/WorkerTier.svelte';
import type { Tour } from './tour/Tour.svelte';
import type { Language } from './words/language.svelte';

/** What takes more than one concern to do. */
export interface Commands {
  /** Takes the sentences of the text field to their exits. */
  run(): Promise<void>;
  /** Moves the split, and fetches layers that the mobile tier has to run then. */
  setPlan(change: Partial<Plan>): void;
  /** Makes a change that can be taken back by itself, however soon after another it comes. */
  asStep(change: () => void): void;
  /** The step before, the step after, and the defaults of the task; none of them leaves the route. */
  /** Other examples in the text field; what a person wrote there can be had again. */
  showExamples(): void;
  undo(): void;
  redo(): void;
  reset(): void;
  /** The policy, split and thresholds that the model's report recommends for the task. */
  takeBest(): void;
  /** Shows an edge its token from now on. */
  giveToken(edgeUrl: string, token: string): void;
  /** Another backend or other weights: what was computed before is forgotten. */
  setDevice(device: Partial<Pick<Fields, 'backend' | 'variant'>>): void;
}

/** A context a concern: `Playground` provides them, and a component takes what it needs. */
export const [useSettings, provideSettings] = createContext<Settings>();
export const [useTier, provideTier] = createContext<WorkerTier>();
export const [useEdgeTokens, provideEdgeTokens] = createContext<EdgeTokens>();
export const [useFitting, provideFitting] = createContext<Fitting>();
export const [useDevSplit, provideDevSplit] = createContext<DevSplit>();
export const [useSentences, provideSentences] = createContext<Sentences>();
export const [usePicture, providePicture] = createContext<Picture>();
export const [useNotices, provideNotices] = createContext<Notices>();
export const [useLab, provideLab] = createContext<Lab>();
export const [usePolicyTable, providePolicyTable] = createContext<PolicyTable>();
export const [useOptimiser, provideOptimiser] = createContext<Optimiser>();
export const [useOwnData, provideOwnData] = createContext<OwnData>();
export const [useDevice, provideDevice] = createContext<Device>();
export const [usePageWorker, providePageWorker] = createContext<PageWorker>();
export const [useOffline, provideOffline] = createContext<Offline>();
export const [useRowFilter, provideRowFilter] = createContext<RowFilter>();
export const [useShownRows, provideShownRows] = createContext<ShownRows>();
export const [useCommands, provideCommands] = createContext<Commands>();
export const [useUndoStack, provideUndoStack] = createContext<UndoStack>();
export const [useLanguage, provideLanguage] = createContext<Language>();
export const [useTour, provideTour] = createContext<Tour>();
