import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stripControl } from '../../../src/core/render/terminal.ts';

describe('stripControl', () => {
  it.each([
    ['plain text\twith tab\nand newline', 'plain text\twith tab\nand newline'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['\u001b[2J\u001b[Hclear', 'clear'],
    ['\u009b31mC1', 'C1'],
    ['\u001b]0;title\u0007after', 'after'],
    ['\u001b]52;c;cm0gLXJmIH4=\u001b\\after', 'after'],
    ['\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001bP1;2|dcs\u001b\\after', 'after'],
    ['\u001b^pm\u001b\\\u001b_apc\u001b\\after', 'after'],
    ['\u009d0;title\u009cafter', 'after'],
    ['\u001bcreset', 'reset'],
    ['\u001b(0charset', 'charset'],
    ['\u001b', ''],
    ['cut \u001b[', 'cut '],
    ['progress 1\rprogress 2', 'progress 1progress 2'],
    ['windows\r\nline', 'windows\nline'],
    ['back\b\bspace \u007f bell\u0007', 'backspace  bell'],
    ['bidi \u202e\u2066 zero\u200bwidth', 'bidi  zerowidth'],
    ['naïve 日本語 😀', 'naïve 日本語 😀'],
  ])('%j shows as %j', (text, shown) => expect(stripControl(text)).toBe(shown));

  it('never lets a control character through', () => {
    const piece = fc.oneof(
      fc.constantFrom('\u001b', '[', ']', '\\', '\u0007', '\u009b', '\u009c', 'm', ';'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        // eslint-disable-next-line no-control-regex -- control characters are what this is about
        return !/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(stripControl(pieces.join('')));
      }),
    );
  });

  it('is linear in hostile text', () => {
    const text = '\u001b]'.repeat(200_000);
    const start = performance.now();
    stripControl(text);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
