import type { Handler } from "../command.ts";

/** Prints every setting with its origin. */
export const config: Handler = (context) => {
  const rows = Object.entries(context.settings).map(
    ([name, { value, origin }]) => `${name.padEnd(14)} ${origin.padEnd(12)} ${value ?? "-"}`,
  );
  context.result(context.settings, rows.join("\n"));
};
