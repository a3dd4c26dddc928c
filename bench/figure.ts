/** One measured figure of a benchmark. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same by another project, measured in the same run; null if there is none. Absent for gas, which has no peers in a run. */
  readonly peer?: { readonly name: string; readonly value: number } | null;
}

/** Prints the figures as one line of JSON, the form in which `glassbox bench` reads them. */
export function printFigures(figures: readonly Figure[]): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}
