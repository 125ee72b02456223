import type { CurvePoint } from '../../../core/lab/frontier';
import { POLICIES, type Policy, policyById, type PolicyParameters } from '../../../core/policies';
import { availableRecorded, filesOf, whatIsMissing } from '../../../core/policies/needs';
import { type Configuration, takeOver } from '../../state/Configuration';
import type { Settings } from '../../state/Settings.svelte';
import { Live } from '../jobs/Live.svelte';
import type { Lab } from '../Lab.svelte';
import { ALWAYS_DRAWN, pickedOf } from './picked-policies';
import { type Side, type Sides, SIDES } from '../sides';

/** One object a policy, which stays the same question. */
const JOBS = new Map(POLICIES.map(({ id }) => [id, { policy: id }]));

/**
 * The curves of both configurations and of policies beside them, and where on them the two are. To be made where a
 * component is set up.
 */
export class TradeOff {
  readonly #frontier: Live<'frontier'>;
  readonly #points: Live<'operatingPoint'>;

  constructor(
    private readonly lab: Pick<Lab, 'setting' | 'compute' | 'source' | 'calibration'>,
    private readonly settings: Settings,
    readonly sides: Sides,
  ) {
    // B has a split of its own, by which its curve is told from all others.
    this.#frontier = new Live(lab, 'frontier', () => this.#wanted, {
      subjectOf: ({ policy, plan }) => (plan ? 'b' : policy),
    });
    this.#points = new Live(lab, 'operatingPoint', () => this.#wantedPoints, {
      subjectOf: ({ plan }) => (plan ? 'b' : 'a'),
    });
  }

  /** Why a policy cannot be drawn; undefined where it can. */
  readonly lacks = $derived.by(() => {
    const traces = [this.lab.source?.trace, this.lab.calibration].flatMap((calibrated) => calibrated?.trace ?? []);
    const files = filesOf(this.settings.task);
    return (policy: Policy): string | undefined =>
      traces.flatMap((trace) => whatIsMissing(policy, availableRecorded(files, trace)) ?? [])[0];
  });

  readonly #jobB = $derived.by(() => ({ policy: this.sides.b.policy.id, plan: this.sides.b.plan }));

  /** A and B first, since people wait for them the most. */
  readonly #wanted = $derived.by(() => {
    const { a, b } = this.sides;
    const others = [...ALWAYS_DRAWN, ...pickedOf(this.settings.fields.curves)];
    const can = (id: string) => this.lacks(policyById(id)) === undefined;
    const [first, ...rest] = [...new Set([a.policy.id, ...others])].map((id) => (can(id) ? JOBS.get(id) : undefined));
    const ofB = can(b.policy.id) ? this.#jobB : undefined;
    return [first, ofB, ...rest].flatMap((job) => job ?? []);
  });

  readonly #pointA = $derived.by(() => ({ choice: choiceOf(this.sides.a) }));
  readonly #pointB = $derived.by(() => ({ choice: choiceOf(this.sides.b), plan: this.sides.b.plan }));
  /** Measured for themselves, since parameters may be those of no point of a curve. */
  readonly #wantedPoints = $derived.by(() => {
    const { a, b } = this.sides;
    return [
      ...(this.lacks(a.policy) === undefined ? [this.#pointA] : []),
      ...(this.lacks(b.policy) === undefined ? [this.#pointB] : []),
    ];
  });

  /** Of one of the two; undefined until it is here. */
  curve(side: Side) {
    const { policy } = this.sides[side];
    const curve = this.#frontier.about(side === 'b' ? 'b' : policy.id);
    return curve?.policy === policy.id ? curve : undefined;
  }

  /** Of the policies beside the two, in their order. */
  readonly others = $derived.by(() => {
    const { a, b } = this.sides;
    const ids = [...new Set([...ALWAYS_DRAWN, ...pickedOf(this.settings.fields.curves)])];
    const beside = ids.filter((id) => ![a.policy.id, b.policy.id].includes(id));
    return beside.flatMap((id) => this.#frontier.about(id) ?? []);
  });

  /** The place on its curve at which one of the two is; −1 beside it. */
  place(side: Side): number {
    const { parameters } = this.sides[side];
    const points = this.curve(side)?.points ?? [];
    return points.findIndex((point) => isAmong(point.parameters, parameters));
  }

  /** Where one of the two is, on its curve or beside it. */
  point(side: Side): CurvePoint | undefined {
    return this.curve(side)?.points[this.place(side)] ?? this.#points.about(side);
  }

  /** Sets one of the two to a point of its curve. */
  move(side: Side, place: number): void {
    const point = this.curve(side)?.points[place];
    if (point) this.sides[side].setParameters(point.parameters);
  }

  /** Makes a point of a curve beside the two B, under A's split, under which it was measured. */
  takeAsB(policy: string, place: number): void {
    const point = this.#frontier.about(policy)?.points[place];
    if (!point) return;
    const { a, b } = this.sides;
    takeOver(b, { policy: policyById(policy), parameters: point.parameters, plan: a.plan });
  }

  get isBusy(): boolean {
    return this.#frontier.isBusy;
  }

  /** Why something is not here. */
  readonly problems: readonly string[] = $derived.by(() => {
    const lacking = SIDES.flatMap((side) => this.lacks(this.sides[side].policy) ?? []);
    return [...new Set([...lacking, ...this.#points.problems, ...this.#frontier.problems])];
  });

  tryAgain(): void {
    this.#points.tryAgain();
    this.#frontier.tryAgain();
  }
}

export function choiceOf({ policy, parameters }: Pick<Configuration, 'policy' | 'parameters'>) {
  return { id: policy.id, parameters };
}

function isAmong(some: PolicyParameters, all: PolicyParameters): boolean {
  return Object.entries(some).every(([id, value]) => all[id] === value);
}
