import { printable } from "../core/printable.ts";

import type { Edge, Report, Verdict } from "./report.ts";

const MARKS: Readonly<Record<Verdict, string>> = { pass: "ok  ", fail: "FAIL", skip: "skip" };

/** How many failed edges of one node are listed before the rest is only counted. */
const LISTED = 20;

/** The report as lines for a terminal: the tree with a verdict on every edge, then the sum. */
export function reportText(report: Report): string {
  const sum = [`${report.passed} passed`, `${report.failed.length} failed`, `${report.skipped.length} skipped`];
  return [
    ...edgeLines(report.tree, "", ""),
    "",
    `${report.subject} on chain ${report.chainId}: ${report.verdict.toUpperCase()} (${sum.join(", ")})`,
    ...report.failed.slice(0, LISTED).map((id) => `  failed at ${id}`),
  ].join("\n");
}

function edgeLines(edge: Edge, lead: string, nextLead: string): string[] {
  const detail = edge.detail === "" ? "" : `: ${edge.detail}`;
  // Names and details hold texts of whoever is being verified.
  const line = `${MARKS[edge.verdict]} ${lead}${printable(`${edge.title} [${edge.id}]${detail}`)}`;
  const shown = edge.children.slice(0, Math.max(LISTED, edge.children.length <= LISTED * 2 ? edge.children.length : 0));
  const lines = shown.flatMap((child, i) => {
    const isLast = i === shown.length - 1 && shown.length === edge.children.length;
    return edgeLines(child, `${nextLead}${isLast ? "└─ " : "├─ "}`, `${nextLead}${isLast ? "   " : "│  "}`);
  });
  const hidden = edge.children.length - shown.length;
  if (hidden > 0) lines.push(`     ${nextLead}└─ and ${hidden} more`);
  return [line, ...lines];
}
