/** Units of time, in seconds. */
const UNITS = [
  ["day", 86_400n],
  ["hour", 3_600n],
  ["minute", 60n],
  ["second", 1n],
] as const;

/** Shows a time of the chain, in seconds, as UTC. */
export function formatTime(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}

/** Shows a time of the chain to people. */
export function showDate(seconds: bigint): string {
  return formatTime(seconds)
    .replace("T", " ")
    .replace(/\.000Z$/, " UTC");
}

/** Shows a time of the chain to people, with how far it is from `now`. */
export function showTime(seconds: bigint, now: bigint): string {
  const date = showDate(seconds);
  if (seconds === now) return `${date} (now)`;
  return `${date} (${seconds > now ? `in ${showDuration(seconds - now)}` : `${showDuration(now - seconds)} ago`})`;
}

/** Shows a length of time by its two largest units. */
export function showDuration(seconds: bigint): string {
  const parts: string[] = [];
  let rest = seconds;
  for (const [unit, length] of UNITS) {
    const count = rest / length;
    rest %= length;
    if (count > 0n) parts.push(`${count} ${unit}${count === 1n ? "" : "s"}`);
    // Only neighbouring units are told together: a week and a second is a week.
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0 seconds" : parts.join(" ");
}
