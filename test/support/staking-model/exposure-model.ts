import { refuse } from "./refused.ts";
import { type Clock, type Terms, NOBODY, WAD, entry, max, min, sum } from "./terms.ts";

/** `ServiceParams` of the service registry. */
export interface ServiceTerms {
  readonly groupId: number;
  readonly evidenceVerifier: string;
  readonly maxObligationSeconds: bigint;
  readonly seats: number;
  readonly obligor: string;
  readonly slashCapWad: bigint;
  readonly sink: string;
}

/** From a second to a second, or open. */
interface Period {
  readonly from: bigint;
  to: bigint | undefined;
}

/** One thing that happened to a magnitude, or will. */
interface MagnitudeEvent {
  readonly kind: "change" | "slash";
  readonly at: bigint;
  wad: bigint;
}

interface Magnitude {
  readonly events: MagnitudeEvent[];
  /** What the operator can't give to another group: a decrease frees its part when it is settled. */
  heldWad: bigint;
}

const holds = (period: Period, t: bigint): boolean => period.from <= t && (period.to === undefined || t < period.to);

/** Services, groups, members, seats, jail and magnitudes, kept as lists of what happened and read by walking them. */
export class ExposureModel {
  readonly terms: Terms;
  readonly clock: Clock;
  readonly operators = new Set<string>();
  readonly services: ServiceTerms[] = [];
  readonly #closedGroups = new Set<number>();
  readonly #memberships = new Map<string, Period[]>();
  readonly #jails = new Map<string, Period[]>();
  readonly #magnitudes = new Map<string, Magnitude>();
  readonly #lostWad = new Map<string, bigint>();
  #groups = 0;
  #paused: Period | undefined;

  constructor(terms: Terms, clock: Clock) {
    this.terms = terms;
    this.clock = clock;
  }

  get groupCount(): number {
    return this.#groups;
  }

  register(account: string): void {
    refuse({ OperatorRegistryAlreadyRegistered: this.operators.has(account) });
    this.operators.add(account);
  }

  createService(terms: ServiceTerms): number {
    refuse({
      ServiceRegistryUnknownGroup: terms.groupId > this.#groups,
      ServiceRegistryZeroVerifier: terms.evidenceVerifier === NOBODY,
      ServiceRegistryInvalidCap: terms.slashCapWad === 0n || terms.slashCapWad > WAD,
      ServiceRegistryObligationTooLong: terms.maxObligationSeconds > this.terms.delaySeconds,
      ServiceRegistryTooManySeats: terms.seats > 200,
      ServiceRegistryGroupClosed: this.#closedGroups.has(terms.groupId),
      ServiceRegistrySinkInSharedGroup: terms.sink !== NOBODY && terms.groupId !== 0,
    });
    const groupId = terms.groupId === 0 ? ++this.#groups : terms.groupId;
    if (terms.sink !== NOBODY) this.#closedGroups.add(groupId);
    return this.services.push({ ...terms, groupId });
  }

  service(id: number): ServiceTerms {
    const service = this.services[id - 1];
    refuse({ ServiceRegistryUnknownService: service === undefined });
    return service!;
  }

  isGroupClosed(groupId: number): boolean {
    return this.#closedGroups.has(groupId);
  }

  /** Beginning and end of the memberships that an operator ever announced. */
  #periods(id: number, operator: string): Period[] {
    return entry(this.#memberships, `${id}:${operator}`, () => []);
  }

  /** The time of an announced change of membership that has yet to come. */
  #pendingMembership(id: number, operator: string): bigint | undefined {
    const last = this.#periods(id, operator).at(-1);
    if (last === undefined) return undefined;
    return [last.from, last.to].find((at) => at !== undefined && at > this.clock.now);
  }

  #refuseToJoin(id: number, operator: string): ServiceTerms {
    const service = this.service(id);
    const last = this.#periods(id, operator).at(-1);
    const isOpen = last !== undefined && last.to === undefined;
    refuse({
      ServiceRegistryPaused: this.isPaused(),
      ServiceRegistryNotOperator: !this.operators.has(operator),
      ServiceRegistryChangePending: isOpen && last.from > this.clock.now,
      ServiceRegistryAlreadyMember: isOpen && last.from <= this.clock.now,
    });
    return service;
  }

  join(id: number, operator: string): void {
    const service = this.#refuseToJoin(id, operator);
    refuse({ ServiceRegistryHasSeats: service.seats > 0 });
    this.#periods(id, operator).push({ from: this.#raisedAt(), to: undefined });
  }

  quit(id: number, operator: string): void {
    this.service(id);
    refuse({
      ServiceRegistryChangePending: this.#pendingMembership(id, operator) !== undefined,
      ServiceRegistryNotMember:
        this.#pendingMembership(id, operator) === undefined && !this.isMemberAt(id, operator, this.clock.now),
    });
    this.#periods(id, operator).at(-1)!.to = this.#loweredAt();
  }

  isMemberAt(id: number, operator: string, t: bigint): boolean {
    return this.#periods(id, operator).some((period) => holds(period, t));
  }

  /** A member that stays one, and is not in jail. */
  isObligable(id: number, operator: string): boolean {
    const { now } = this.clock;
    const current = this.#periods(id, operator).find((period) => holds(period, now));
    return current !== undefined && current.to === undefined && !this.isJailedAt(id, operator, now);
  }

  jail(id: number, operator: string): void {
    const { now } = this.clock;
    const periods = entry(this.#jails, `${id}:${operator}`, () => []);
    periods.push({ from: now, to: this.#loweredAt() });
  }

  isJailedAt(id: number, operator: string, t: bigint): boolean {
    return entry(this.#jails, `${id}:${operator}`, () => []).some((period) => holds(period, t));
  }

  #magnitude(groupId: number, operator: string): Magnitude {
    return entry(this.#magnitudes, `${groupId}:${operator}`, () => ({ events: [], heldWad: 0n }));
  }

  setMagnitude(groupId: number, operator: string, wad: bigint): void {
    refuse({
      ServiceRegistryUnknownGroup: groupId === 0 || groupId > this.#groups,
      ServiceRegistryNotOperator: !this.operators.has(operator),
    });
    const { now } = this.clock;
    const magnitude = this.#magnitude(groupId, operator);
    const oldWad = this.magnitudeAt(groupId, operator, now);
    const pending = this.pendingMagnitude(groupId, operator);
    const heldWad = max(oldWad, wad);
    const others = this.committedMagnitude(operator) - magnitude.heldWad;
    refuse({
      ServiceRegistryPaused: wad > oldWad && this.isPaused(),
      ServiceRegistryChangePending: pending.at !== 0n,
      ServiceRegistryMagnitudeUnchanged: wad === oldWad,
      ServiceRegistryMagnitudeExceeded: wad > oldWad && others + heldWad > this.totalMagnitude(operator),
    });
    this.settleMagnitude(groupId, operator);
    magnitude.heldWad = heldWad;
    magnitude.events.push({ kind: "change", at: wad > oldWad ? this.#raisedAt() : this.#loweredAt(), wad });
  }

  /** What a group would hold if it were settled now. */
  #settledHold(groupId: number, operator: string): bigint {
    const pending = this.pendingMagnitude(groupId, operator);
    return max(this.magnitudeAt(groupId, operator, this.clock.now), pending.wad);
  }

  settleMagnitude(groupId: number, operator: string): void {
    refuse({ ServiceRegistryUnknownGroup: groupId === 0 || groupId > this.#groups });
    this.#magnitude(groupId, operator).heldWad = this.#settledHold(groupId, operator);
  }

  /** Books a slash of `wad`. */
  slash(groupId: number, operator: string, wad: bigint, retires: boolean): void {
    const { now } = this.clock;
    this.settleMagnitude(groupId, operator);
    const magnitude = this.#magnitude(groupId, operator);
    const leftWad = this.magnitudeAt(groupId, operator, now) - wad;
    const pending = magnitude.events.find((event) => event.at > now);
    if (pending !== undefined)
      pending.wad = pending.wad > leftWad + wad ? pending.wad - wad : min(pending.wad, leftWad);
    const place = magnitude.events.filter((event) => event.at <= now).length;
    magnitude.events.splice(place, 0, { kind: "slash", at: now, wad });
    magnitude.heldWad -= wad;
    this.#lostWad.set(operator, retires ? 0n : this.lostMagnitude(operator) + wad);
  }

  magnitudeAt(groupId: number, operator: string, t: bigint): bigint {
    return valueAfter(this.#magnitude(groupId, operator).events.filter((event) => event.at <= t));
  }

  /**
   * The magnitude of the epoch of `t`: as it was before the epoch's first second, or what the operator's last change between then
   * and `t` set it to.
   */
  magnitudeBaseAt(groupId: number, operator: string, t: bigint): bigint {
    const start = t - (t % this.terms.epochSeconds);
    const { events } = this.#magnitude(groupId, operator);
    const change = events.findLast((event) => event.kind === "change" && event.at >= start && event.at <= t);
    return change === undefined ? valueAfter(events.filter((event) => event.at < start)) : change.wad;
  }

  magnitudeCovering(groupId: number, operator: string): bigint {
    const wad = this.magnitudeAt(groupId, operator, this.clock.now);
    const pending = this.pendingMagnitude(groupId, operator);
    return pending.at === 0n ? wad : min(wad, pending.wad);
  }

  pendingMagnitude(groupId: number, operator: string): { readonly wad: bigint; readonly at: bigint } {
    const pending = this.#magnitude(groupId, operator).events.find((event) => event.at > this.clock.now);
    return pending === undefined ? { wad: 0n, at: 0n } : { wad: pending.wad, at: pending.at };
  }

  lostMagnitude(operator: string): bigint {
    return this.#lostWad.get(operator) ?? 0n;
  }

  totalMagnitude(operator: string): bigint {
    return WAD - this.lostMagnitude(operator);
  }

  committedMagnitude(operator: string): bigint {
    const groups = Array.from({ length: this.#groups }, (_, i) => i + 1);
    return sum(groups.map((groupId) => this.#magnitude(groupId, operator).heldWad));
  }

  pause(caller: string): void {
    const { now } = this.clock;
    const week = 7n * 86_400n;
    refuse({
      ServiceRegistryNotGuardian: caller !== this.terms.guardian,
      ServiceRegistryPausedLately: this.#paused !== undefined && now < this.#paused.to! + week,
    });
    this.#paused = { from: now, to: now + week };
  }

  isPaused(): boolean {
    return this.#paused !== undefined && holds(this.#paused, this.clock.now);
  }

  /** Times at which something was announced to change. */
  milestones(): bigint[] {
    const periods = [...this.#memberships.values(), ...this.#jails.values()].flat();
    const changes = [...this.#magnitudes.values()].flatMap((magnitude) => magnitude.events.map((event) => event.at));
    const ends = this.#paused === undefined ? [] : [this.#paused.to!];
    return [...ends, ...changes, ...periods.flatMap(({ from, to }) => (to === undefined ? [from] : [from, to]))];
  }

  #raisedAt(): bigint {
    return this.clock.now + this.terms.delaySeconds + this.terms.epochSeconds;
  }

  #loweredAt(): bigint {
    return this.clock.now + this.terms.delaySeconds + 1n;
  }
}

function valueAfter(events: readonly MagnitudeEvent[]): bigint {
  return events.reduce((wad, event) => (event.kind === "change" ? event.wad : wad - event.wad), 0n);
}
