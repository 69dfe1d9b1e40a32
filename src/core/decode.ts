import type { Fault } from './source.ts';

/** The text of a file without its BOM, or why it is none. */
export function decode(bytes: Uint8Array): { readonly text: string; readonly fault?: Fault } {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return {
      text: '',
      fault: {
        message: 'the file is UTF-16 and not UTF-8',
        hint: 'save it as UTF-8 (PowerShell: Set-Content -Encoding utf8)',
      },
    };
  try {
    return withoutNul(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return invalid(bytes);
  }
}

function withoutNul(text: string): { readonly text: string; readonly fault?: Fault } {
  const offset = text.indexOf('\0');
  if (offset < 0) return { text };
  return {
    text,
    fault: {
      offset,
      message: 'the file contains a NUL character, which no database takes',
      hint: 'save it as UTF-8 text',
    },
  };
}

/** Where the first byte stands that is no UTF-8: the first replacement character that is not in the file itself. */
function invalid(bytes: Uint8Array): { readonly text: string; readonly fault: Fault } {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let byte = 0;
  let from = 0;
  for (let at = text.indexOf('\uFFFD'); ; at = text.indexOf('\uFFFD', from)) {
    byte += Buffer.byteLength(text.slice(from, at));
    if (bytes[byte] !== 0xef || bytes[byte + 1] !== 0xbf || bytes[byte + 2] !== 0xbd) {
      const hex = (bytes[byte] ?? 0).toString(16).padStart(2, '0');
      return {
        text,
        fault: {
          offset: at,
          message: `the file is not valid UTF-8: byte 0x${hex} at offset ${byte}`,
          hint: 'save it as UTF-8',
        },
      };
    }
    byte += 3;
    from = at + 1;
  }
}
