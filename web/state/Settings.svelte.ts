import type { CostWeights } from '../../core/cost';
import { clampPlan, movedPlan, type Plan, type Stretch, stretchesOf } from '../../core/layers';
import { type Manifest, type Task, taskOf } from '../../core/model/manifest';
import { LINKS, type NetworkId, type NetworkLink } from '../../core/network/profiles';
import { type OnlinePolicy, onlinePolicyById } from '../../core/online';
import {
  calibratedParameters,
  defaultParameters,
  type Policy,
  policyById,
  type PolicyParameters,
} from '../../core/policies';
import type { Aim } from '../../core/tuning/optimise';
import { exampleText, isExampleText, starterText } from './examples';
import { SecondConfiguration } from './SecondConfiguration.svelte';
import { defaultFields, type Fields, type FieldTable, fieldTable } from '../../core/view/fields';
import { packResults, type SentResults, unpackResults } from '../../core/view/sent-results';
import { type LinkedView, linkNotice, readLink, writeLink, writeSettings } from '../../core/view/link';

/** A policy that learns on the way, and the stream it learns from. */
export interface OnlineSettings {
  readonly policy: OnlinePolicy;
  readonly parameters: PolicyParameters;
  readonly seed: number;
  readonly passes: number;
  /** Whether rows are mistyped from half-way on, where the model brings such. */
  readonly isChanging: boolean;
  /** After how many more sentences its learner is told of one. */
  readonly delay: number;
}

/** Results that came with a link. */
export interface SentWithLink {
  readonly results: SentResults;
  /** As they stood in the link. */
  readonly packed: string;
  /** The sentences that they answer, and the settings (`Settings.decidedBy`) under which they do. */
  readonly text: string;
  readonly under: string;
}

/** All that a person has set and written, to be had again in this browser. */
export interface SavedView {
  /** As in a link, but for the text. */
  readonly hash: string;
  readonly text: string;
  /** Of the tasks not looked at. */
  readonly otherTexts: Readonly<Record<string, string>>;
  /** Of the link that was opened, where its results are still those of the text. */
  readonly sent?: Pick<SentWithLink, 'packed' | 'under'> | undefined;
}

/** Everything a person has set. Values go in through verbs that keep them valid; the rest is derived. */
export class Settings {
  readonly table: FieldTable;
  /** Each field on its own: a letter typed must not replay the dev split. */
  readonly #fields: Fields;
  /** What Compare sets against the page's own policy and split. */
  readonly b: SecondConfiguration;
  /** Moved by the person, by task and policy: what is right for one task is not for another. */
  #parameters: Readonly<Record<string, PolicyParameters>> = $state.raw({});
  /** Of policies that learn, by policy. */
  #onlineParameters: Readonly<Record<string, PolicyParameters>> = $state.raw({});

  #sent: SentWithLink | undefined = $state.raw();

  /** What people wrote for a task while they look at another. */
  #ownTexts = new Map<string, string>();

  constructor(readonly manifest: Manifest) {
    this.table = fieldTable(manifest);
    const fields = $state(defaultFields(this.table));
    this.#fields = fields;
    this.b = new SecondConfiguration(this);
    this.#showStarter();
  }

  get fields(): Readonly<Fields> {
    return this.#fields;
  }

  get task(): Task {
    return taskOf(this.manifest, this.#fields.task);
  }

  readonly policy: Policy = $derived.by(() => policyById(this.#fields.policy));

  /** Thresholds that the model brings for the task and this policy. */
  readonly calibrated: PolicyParameters = $derived.by(() =>
    calibratedParameters(this.policy, this.manifest.layers, this.task.thresholds),
  );

  readonly parameters: PolicyParameters = $derived.by(() => ({
    ...defaultParameters(this.policy, this.manifest.layers),
    ...this.calibrated,
    ...this.#parameters[this.#parametersKey],
  }));

  /** What the Lab chooses parameters for: another object whenever it is another aim. */
  readonly aim: Aim = $derived.by(() => {
    const { aim: kind, allowedLoss: points, costCutPercent } = this.#fields;
    return kind === 'allowedLoss' ? { kind, points } : { kind, costCutPercent };
  });

  /** Another object whenever a learner would have to begin anew. */
  readonly online: OnlineSettings = $derived.by(() => {
    const { onlinePolicy, onlineSeed: seed, passes, streamChange, delay } = this.#fields;
    const policy = onlinePolicyById(onlinePolicy);
    return {
      policy,
      parameters: { ...defaultParameters(policy, this.manifest.layers), ...this.#onlineParameters[policy.id] },
      ...{ seed, passes, delay, isChanging: streamChange === 'mistyped' },
    };
  });

  readonly plan: Plan = $derived.by(() => clampPlan(this.#fields, this.manifest.layers));

  readonly costs: CostWeights = $derived.by(() => {
    const { mobileLayer, edgeLayer, cloudLayer, mobileToEdge, edgeToCloud, mobileToCloud } = this.#fields;
    return { mobileLayer, edgeLayer, cloudLayer, mobileToEdge, edgeToCloud, mobileToCloud };
  });

  readonly stretches: readonly Stretch[] = $derived.by(() =>
    stretchesOf(this.policy.route, this.plan, this.manifest.layers),
  );

  /** The link of the network that is set; offline, the one that a custom network would have. */
  readonly networkLink: NetworkLink = $derived.by(() => {
    const { network, roundTripMs, upMbps, downMbps, jitterMs } = this.#fields;
    if (network === 'offline' || network === 'custom') return { roundTripMs, upMbps, downMbps, jitterMs };
    return LINKS[network];
  });

  set(change: Partial<Fields>): void {
    Object.assign(this.#fields, change);
  }

  /** Moves m or n; the other gives way where `m ≤ n` would break. */
  setPlan(change: Partial<Plan>): void {
    this.set(movedPlan(this.plan, change, this.manifest.layers));
  }

  /** Another network; a custom one begins with the link that was set before it. */
  setNetwork(network: NetworkId): void {
    this.set(network === 'custom' ? { ...this.networkLink, network } : { network });
  }

  /** Moves numbers of the link, which makes the network a custom one. */
  setNetworkLink(change: Partial<NetworkLink>): void {
    this.set({ ...this.networkLink, ...change, network: 'custom' });
  }

  setParameters(change: PolicyParameters): void {
    const moved = { ...this.#parameters[this.#parametersKey], ...change };
    this.#parameters = { ...this.#parameters, [this.#parametersKey]: moved };
  }

  get #parametersKey(): string {
    return `${this.#fields.task} ${this.policy.id}`;
  }

  setOnlineParameters(change: PolicyParameters): void {
    const { policy, parameters } = this.online;
    this.#onlineParameters = { ...this.#onlineParameters, [policy.id]: { ...parameters, ...change } };
  }

  /** Another task brings what was written for it before, or the person's own sentences if they fit, or its examples. */
  setTask(task: string): void {
    const { task: oldTask, text } = this.#fields;
    const { isOwnText } = this;
    const wasPair = this.task.pair;
    if (isOwnText) this.#ownTexts.set(oldTask, text);
    this.set({ task });
    const ownText = this.#ownTexts.get(task) ?? (isOwnText && this.task.pair === wasPair ? text : undefined);
    if (ownText === undefined) this.#showStarter();
    else this.set({ text: ownText });
  }

  /** Eight examples that the model brings; each time others. */
  showExamples(): void {
    const { seed, text } = this.#fields;
    const shown = exampleText(this.task, seed);
    if (text !== shown) return this.set({ text: shown });
    const next = (seed % this.table.seed.max) + 1;
    this.set({ seed: next, text: exampleText(this.task, next) });
  }

  #showStarter(): void {
    this.set({ text: starterText(this.#fields.task, this.task) });
  }

  /** Whether the person wrote the sentences, or changed those that were there. */
  get isOwnText(): boolean {
    const { text, task, seed } = this.#fields;
    return !isExampleText(text, task, this.task, seed);
  }

  /** Whether no parameter of the policy has been moved away from the task's calibrated ones. */
  readonly isCalibrated: boolean = $derived.by(() =>
    Object.entries({ ...defaultParameters(this.policy, this.manifest.layers), ...this.calibrated }).every(
      ([id, value]) => this.parameters[id] === value,
    ),
  );

  /** Whether all is as `takeBest` has it. */
  get isBest(): boolean {
    const { policy, mobileLayers, edgeLayers } = this.table;
    const { plan } = this;
    const isDefaultPlan = plan.mobileLayers === mobileLayers.default && plan.edgeLayers === edgeLayers.default;
    return this.isCalibrated && isDefaultPlan && this.#fields.policy === policy.default;
  }

  /** The point that the model's report recommends for the task: thresholds, chosen on calibration data, for the default split. */
  takeBest(): void {
    const { policy, mobileLayers, edgeLayers } = this.table;
    this.set({ policy: policy.default, mobileLayers: mobileLayers.default, edgeLayers: edgeLayers.default });
    this.#parameters = { ...this.#parameters, [this.#parametersKey]: {} };
  }

  /** All that decides where a sentence is settled, as a text to compare. */
  readonly decidedBy: string = $derived.by(() =>
    JSON.stringify([this.#fields.task, this.policy.id, this.parameters, this.plan]),
  );

  /** What came with the link that is open, as long as the sentences are those that it answers. */
  get sent(): SentWithLink | undefined {
    return this.#sent?.text === this.#fields.text ? this.#sent : undefined;
  }

  /** Of these, what still holds: nothing has moved that decides. */
  get sentResults(): SentResults | undefined {
    return this.sent?.under === this.decidedBy ? this.sent.results : undefined;
  }

  forgetSent(): void {
    this.#sent = undefined;
  }

  /** Everything as it is at first, but for the task and where one is in the page. */
  reset(): void {
    const { task, view, panel, text } = this.#fields;
    this.set({ ...defaultFields(this.table), task, view, panel, text });
    this.#parameters = {};
    this.#onlineParameters = {};
    this.b.takeParameters({});
    this.#showStarter();
  }

  /** The address of this view with some of it otherwise, as for a route's link; without its text. */
  hashWith(change: Partial<Fields>): string {
    return writeSettings({ ...this.#linked, fields: { ...this.#fields, ...change } }, this.manifest);
  }

  /** The view as a link, with what a run answered to its sentences where that goes along. */
  link(results?: SentResults): Promise<string> {
    return writeLink({ ...this.#linked, results }, this.manifest);
  }

  save(): SavedView {
    const hash = writeSettings(this.#linked, this.manifest);
    const { packed, under } = this.sent ?? {};
    const sent = packed !== undefined && under !== undefined ? { packed, under } : undefined;
    return { hash, text: this.#fields.text, otherTexts: Object.fromEntries(this.#ownTexts), sent };
  }

  /** What is no longer valid, after an update of the page, is at its default; the texts are never lost. */
  async restore({ hash, text, otherTexts, sent }: SavedView): Promise<void> {
    await this.applyLink(hash);
    this.#ownTexts = new Map(Object.entries(otherTexts));
    this.set({ text });
    if (!sent) return;
    const results = await unpackResults(sent.packed, this.#fields.task, this.manifest);
    if (typeof results !== 'string') this.#sent = { ...sent, results, text };
  }

  get #linked(): LinkedView {
    const { parameters, b, online } = this;
    return {
      fields: this.#fields,
      ...{ parameters, parametersB: b.parameters, onlineParameters: online.parameters },
    };
  }

  /** Takes over a link; what could not be taken over is answered in words, and the defaults stand. */
  async applyLink(hash: string): Promise<string | undefined> {
    if (hash.length <= 1) return undefined;
    const content = await readLink(hash, this.manifest);
    const { fields, parameters, parametersB, onlineParameters, results } = content;
    this.set({ ...defaultFields(this.table), ...fields });
    if (fields.text === undefined) this.#showStarter();
    this.#parameters = { [this.#parametersKey]: parameters };
    this.b.takeParameters(parametersB);
    this.#onlineParameters = { [this.online.policy.id]: onlineParameters };
    // As the link has them: a person may move something while it is packed.
    const [text, under] = [this.#fields.text, this.decidedBy];
    this.#sent = results && { results, packed: await packResults(results, this.manifest), text, under };
    return linkNotice(content);
  }
}
