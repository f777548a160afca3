/* eslint-disable no-control-regex -- control characters are what this is about */

/** ESC sequences: CSI (`ESC [`), the string sequences OSC, DCS, SOS, PM, APC up to their terminator, and short ones. */
const escapeSequence = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`,
    String.raw`(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?`,
    String.raw`\x1b[ -/]*[0-~]?`,
  ].join('|'),
  'g',
);
/** C0 without tab and newline, DEL, C1, and the characters that reorder or hide text (bidi controls, zero width). */
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Text from elsewhere as a terminal may show it: escape sequences and control characters are gone, `\n` and `\t` stay.
 * `\r\n` becomes `\n`; another `\r` is dropped, for it would let a line overwrite itself.
 */
export function stripControl(text: string): string {
  return text.replaceAll(escapeSequence, '').replaceAll(controls, '');
}
