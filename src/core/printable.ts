/** Characters that move a terminal's cursor, clear its lines or turn the direction of text. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu;

/** A stranger's text as it may be shown on a terminal: on one line, and nothing but itself. */
export function printable(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}
