/** Characters: of a text of hundreds of megabytes there is no second copy while it is hashed or sent. */
const PIECE = 1 << 20;

/** A text in pieces. A pair of surrogates is one character, and stays together. */
export function* piecesOf(text: string, length = PIECE): Iterable<string> {
  for (let start = 0; start < text.length; ) {
    const end = Math.min(start + length, text.length);
    const whole = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800 ? end - 1 : end;
    yield text.slice(start, whole);
    start = whole;
  }
}
