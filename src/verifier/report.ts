import { GlassboxError } from "../core/errors.ts";

/** What re-checking an edge found: `skip` if what it rests on did not hold, so that it could not be judged. */
export type Verdict = "pass" | "fail" | "skip";

/** One edge of the provenance tree. A node with children has the worst of their verdicts. */
export interface Edge {
  /** Stable, like `file:samples`, `record:17:label-signature` or `training:round:3`. */
  readonly id: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly children: readonly Edge[];
}

/** The outcome of verifying something; the same chain and storage give the same report, byte for byte. */
export interface Report {
  readonly format: "glassbox-report-1";
  readonly subject: string;
  readonly chainId: number;
  readonly verdict: "pass" | "fail";
  readonly passed: number;
  /** Ids of the edges that failed. */
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  readonly tree: Edge;
}

/** What a check established: a value for the checks that rest on it, and a line for the reader. */
export interface Outcome<Value> {
  readonly value: Value;
  readonly detail: string;
}

/** A judged edge. `outcome` is there exactly if it passed. */
export interface Finding<Value> {
  readonly id: string;
  readonly outcome: Outcome<Value> | undefined;
}

type Values<Needs extends readonly Finding<unknown>[]> = {
  [Index in keyof Needs]: Needs[Index] extends Finding<infer Value> ? Value : never;
};

/** A check to be made: its name, and the findings it rests on. */
export interface CheckSpec<Needs extends readonly Finding<unknown>[]> {
  readonly id: string;
  readonly title: string;
  readonly needs: Needs;
}

/** An inner node of the tree while it is being built. Children stand in the order in which they were asked for. */
export class EdgeGroup {
  readonly #id: string;
  readonly #title: string;
  readonly #children: (() => Edge)[] = [];

  constructor(id: string, title: string) {
    this.#id = id;
    this.#title = title;
  }

  /** Adds an inner node. */
  group(id: string, title: string): EdgeGroup {
    const group = new EdgeGroup(id, title);
    this.#children.push(() => group.build());
    return group;
  }

  /**
   * Judges one edge: `work` gets the values it rests on. An error of kind `check` or `usage` is a failed edge; any other is
   * thrown on, since it says nothing about what is being verified.
   */
  async check<Value, const Needs extends readonly Finding<unknown>[]>(
    spec: CheckSpec<Needs>,
    work: (...values: Values<Needs>) => Outcome<Value> | Promise<Outcome<Value>>,
  ): Promise<Finding<Value>> {
    const { id, title } = spec;
    const missing = spec.needs.filter((need) => need.outcome === undefined).map((need) => need.id);
    if (missing.length > 0) {
      this.#leaf({ id, title, verdict: "skip", detail: `rests on ${missing.join(", ")}` });
      return { id, outcome: undefined };
    }
    try {
      const values = spec.needs.map((need) => need.outcome?.value) as Values<Needs>;
      const outcome = await work(...values);
      this.#leaf({ id, title, verdict: "pass", detail: outcome.detail });
      return { id, outcome };
    } catch (error) {
      const isVerdict = error instanceof GlassboxError && (error.kind === "check" || error.kind === "usage");
      if (!isVerdict) throw error;
      this.#leaf({ id, title, verdict: "fail", detail: `${error.code}: ${error.message}` });
      return { id, outcome: undefined };
    }
  }

  /** Adds an edge that was judged elsewhere. */
  fail(id: string, title: string, detail: string): void {
    this.#leaf({ id, title, verdict: "fail", detail });
  }

  /** The tree below this node. */
  build(): Edge {
    const children = this.#children.map((child) => child());
    return { id: this.#id, title: this.#title, verdict: worst(children), detail: "", children };
  }

  #leaf(edge: Omit<Edge, "children">): void {
    this.#children.push(() => ({ ...edge, children: [] }));
  }
}

/** Sums a tree up. Whatever was skipped rests on something that failed, so it never passes as a whole. */
export function makeReport(subject: string, chainId: number, root: EdgeGroup): Report {
  const tree = root.build();
  const leaves = leavesOf(tree);
  const idsOf = (verdict: Verdict): string[] => leaves.filter((leaf) => leaf.verdict === verdict).map(({ id }) => id);
  return {
    format: "glassbox-report-1",
    subject,
    chainId,
    verdict: tree.verdict === "pass" ? "pass" : "fail",
    passed: idsOf("pass").length,
    failed: idsOf("fail"),
    skipped: idsOf("skip"),
    tree,
  };
}

function leavesOf(edge: Edge): Edge[] {
  return edge.children.length === 0 ? [edge] : edge.children.flatMap(leavesOf);
}

function worst(children: readonly Edge[]): Verdict {
  const verdicts = children.map((child) => child.verdict);
  if (verdicts.includes("fail")) return "fail";
  return verdicts.includes("skip") ? "skip" : "pass";
}
