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

/** From a second up to and without another, or open. */
interface Period {
  readonly from: bigint;
  to: bigint | undefined;
}

interface Membership extends Period {
  readonly operator: string;
  /** Undefined in a service without seats. */
  readonly seat: number | undefined;
  /** The first second without the seat; whoever was displaced stays a member for longer. */
  heldTo: bigint | undefined;
  /** When the first of the memberships began that follow each other without a break. */
  readonly since: bigint;
}

/** One thing that happened to a magnitude, or will. */
interface MagnitudeEvent {
  readonly kind: "change" | "slash";
  readonly at: bigint;
  wad: bigint;
}

interface Fall {
  readonly announcedAt: bigint;
  readonly at: bigint;
  readonly wad: bigint;
}

interface Magnitude {
  readonly events: MagnitudeEvent[];
  /** Decreases as they were announced, whatever slashes did to them later. */
  readonly falls: Fall[];
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
  /** In the order of announcement. */
  readonly #memberships = new Map<number, Membership[]>();
  readonly #jails = new Map<string, Period[]>();
  readonly #magnitudes = new Map<string, Magnitude>();
  readonly #lostWad = new Map<string, bigint>();
  #groups = 0;
  #paused: Period | undefined;
  #liveSharesAt: (operator: string, t: bigint) => bigint = () => 0n;

  constructor(terms: Terms, clock: Clock) {
    this.terms = terms;
    this.clock = clock;
  }

  /** Where an operator's active shares come from, which its weight is made of. */
  useShares(liveSharesAt: (operator: string, t: bigint) => bigint): void {
    this.#liveSharesAt = liveSharesAt;
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
    refuse({ ServiceRegistryUnknownService: !this.#isService(id) });
    return this.services[id - 1]!;
  }

  #isService(id: number): boolean {
    return id >= 1 && id <= this.services.length;
  }

  isGroupClosed(groupId: number): boolean {
    return this.#closedGroups.has(groupId);
  }

  #rosterOf(id: number): Membership[] {
    return entry(this.#memberships, id, () => []);
  }

  #lastOf(id: number, operator: string): Membership | undefined {
    return this.#rosterOf(id).findLast((membership) => membership.operator === operator);
  }

  /** Whom an announced seat belongs to in the end. */
  #lastHolder(id: number, seat: number): Membership | undefined {
    return this.#rosterOf(id).findLast((membership) => membership.seat === seat && membership.heldTo === undefined);
  }

  /** Reasons to refuse a join, whatever the seat. */
  #obstacles(id: number, operator: string): Record<string, boolean> {
    const last = this.#lastOf(id, operator);
    const isOpen = last !== undefined && last.to === undefined;
    return {
      ServiceRegistryUnknownService: !this.#isService(id),
      ServiceRegistryPaused: this.isPaused(),
      ServiceRegistryNotOperator: !this.operators.has(operator),
      ServiceRegistryChangePending: isOpen && last.from > this.clock.now,
      ServiceRegistryAlreadyMember: isOpen && last.from <= this.clock.now,
    };
  }

  join(id: number, operator: string): void {
    const hasSeats = this.#isService(id) && this.service(id).seats > 0;
    refuse({ ...this.#obstacles(id, operator), ServiceRegistryHasSeats: hasSeats });
    this.#enter(id, operator, undefined);
  }

  joinSeat(id: number, operator: string, seat: number): void {
    const known = this.#isService(id);
    const holder = this.#lastHolder(id, seat);
    const isContested = known && holder !== undefined && holder.operator !== operator;
    refuse({
      ...this.#obstacles(id, operator),
      ServiceRegistryInvalidSeat: known && seat >= this.service(id).seats,
      ServiceRegistrySeatHeld:
        isContested && this.standingWeight(id, operator) <= this.standingWeight(id, holder.operator),
    });
    if (holder !== undefined) {
      holder.heldTo = this.#raisedAt();
      holder.to = holder.heldTo + this.terms.delaySeconds + 1n;
    }
    this.#enter(id, operator, seat);
  }

  /** A membership that would have ended no sooner than this one begins goes on in it. */
  #enter(id: number, operator: string, seat: number | undefined): void {
    const from = this.#raisedAt();
    const last = this.#lastOf(id, operator);
    const goesOn = last?.to !== undefined && last.to >= from;
    if (goesOn) last.to = from;
    const since = goesOn ? last.since : from;
    this.#rosterOf(id).push({ operator, seat, from, to: undefined, heldTo: undefined, since });
  }

  quit(id: number, operator: string): void {
    const last = this.#lastOf(id, operator);
    const { now } = this.clock;
    const lastChange = last?.to ?? last?.from ?? 0n;
    refuse({
      ServiceRegistryUnknownService: !this.#isService(id),
      ServiceRegistryChangePending: lastChange > now,
      ServiceRegistryNotMember: last?.from === undefined || (last.to !== undefined && last.to <= now),
    });
    last!.to = this.#loweredAt();
    last!.heldTo = last!.to;
  }

  /** All that ever joined, in that order. */
  joined(id: number): string[] {
    return [...new Set(this.#rosterOf(id).map((membership) => membership.operator))];
  }

  #membershipAt(id: number, operator: string, t: bigint): Membership | undefined {
    return this.#rosterOf(id).find((membership) => membership.operator === operator && holds(membership, t));
  }

  isMemberAt(id: number, operator: string, t: bigint): boolean {
    return this.#membershipAt(id, operator, t) !== undefined;
  }

  seatAt(id: number, seat: number, t: bigint): string {
    return (
      this.#rosterOf(id).find(
        (membership) => membership.seat === seat && holds({ from: membership.from, to: membership.heldTo }, t),
      )?.operator ?? NOBODY
    );
  }

  /** What operators contest seats by. */
  standingWeight(id: number, operator: string): bigint {
    const { events } = this.#magnitude(this.service(id).groupId, operator);
    return (this.#liveSharesAt(operator, this.clock.now) * valueAfter(events)) / WAD;
  }

  weightAt(id: number, operator: string, t: bigint): bigint {
    if (!this.isMemberAt(id, operator, t)) return 0n;
    return (this.#liveSharesAt(operator, t) * this.magnitudeAt(this.service(id).groupId, operator, t)) / WAD;
  }

  /** What the operator votes with in an epoch that begins after `t`, for a `t` of the last delay. */
  votingWeightAt(id: number, operator: string, t: bigint): bigint {
    const until = t + this.terms.delaySeconds + 1n;
    const membership = this.#membershipAt(id, operator, t);
    const isLasting = membership !== undefined && this.#membershipAt(id, operator, until)?.since === membership.since;
    if (!isLasting || this.isJailedAt(id, operator, t)) return 0n;
    if (membership.seat !== undefined && this.seatAt(id, membership.seat, t) !== operator) return 0n;
    const { groupId } = this.service(id);
    const fall = this.#magnitude(groupId, operator).falls.findLast(({ announcedAt }) => announcedAt <= t);
    const wad = this.magnitudeAt(groupId, operator, t);
    const leftWad = fall !== undefined && fall.at > t ? min(wad, fall.wad) : wad;
    return (this.#liveSharesAt(operator, t) * leftWad) / WAD;
  }

  /** A member that stays one, and is not in jail. */
  isObligable(id: number, operator: string): boolean {
    const { now } = this.clock;
    const current = this.#membershipAt(id, operator, now);
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
    return entry(this.#magnitudes, `${groupId}:${operator}`, () => ({ events: [], falls: [], heldWad: 0n }));
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
    const at = wad > oldWad ? this.#raisedAt() : this.#loweredAt();
    magnitude.events.push({ kind: "change", at, wad });
    if (wad < oldWad) magnitude.falls.push({ announcedAt: now, at, wad });
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
  slash(groupId: number, operator: string, wad: bigint, isRetired: boolean): void {
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
    this.#lostWad.set(operator, isRetired ? 0n : this.lostMagnitude(operator) + wad);
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

  pausedUntil(): bigint {
    return this.#paused?.to ?? 0n;
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
