/** What a frequency of 1 would be, for n-grams of one to four code units: the longer, the rarer. A byte holds a quarter to a twelfth of it. */
export const QUERY_SCALES = [768, 1536, 3072, 3072] as const;

const BYTE = 255;

/**
 * The network's input for a text: how often each n-gram occurs among those of its length, in bytes.
 * The same as lande's own, which has the frequencies as floats.
 */
export function landeQuery(ngrams: readonly (readonly string[])[], text: string): Uint8Array {
  const normalised = normalise(text);
  const query = ngrams.flatMap((values, index) => {
    const length = index + 1;
    const scale = QUERY_SCALES[index] ?? 0;
    const total = normalised.length - length + 1;
    const counts = countNgrams(normalised, length);
    return values.map((value) => Math.min(BYTE, Math.round(((counts.get(value) ?? 0) * scale) / total)));
  });
  return Uint8Array.from(query);
}

/** Letters, marks and single spaces in lower case, with a space at either end. */
function normalise(text: string): string {
  const letters = text.replace(/-+/g, " ").replace(/[^\p{L}\p{M}\s]/gu, "");
  return ` ${letters
    .replace(/\s{2,}/g, " ")
    .toLowerCase()
    .trim()} `;
}

function countNgrams(text: string, length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + length <= text.length; start++) {
    const value = text.slice(start, start + length);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}
