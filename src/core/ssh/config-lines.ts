/** One line of an ssh_config file: the keyword in lower case, and its arguments. */
export interface ConfigLine {
  readonly keyword: string;
  readonly words: readonly string[];
  /** The arguments as they stand, for options that take a whole command. */
  readonly rest: string;
}

/** A file that takes part: its lines are read in order, `Include`d files in their place. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** Splits a line as OpenSSH's readconf.c does; undefined for blank lines and comments. */
export function parseConfigLine(text: string): ConfigLine | undefined {
  const line = text.replace(/^[ \t\r\f]+|[ \t\r\n\f]+$/g, '');
  if (line === '' || line.startsWith('#')) return undefined;
  const [, quoted, plain, rest] = /^(?:"([^"]*)"|([^ \t=]+))[ \t]*=?[ \t]*(.*)$/s.exec(line) ?? [];
  const keyword = quoted ?? plain;
  if (keyword === undefined || rest === undefined) return undefined;
  return { keyword: keyword.toLowerCase(), words: splitWords(rest), rest };
}

/**
 * OpenSSH's `argv_split`: single and double quotes, a backslash before a quote, a backslash or a space, and a
 * comment that begins at a word. An unterminated quote makes OpenSSH refuse the line: it gives no words here.
 */
function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  const pattern = /[ \t]+|(#.*$)|((?:\\.|'(?:\\['\\]|[^'])*'|"(?:\\["\\]|[^"])*"|[^ \t'"])+)/gsy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return [];
    if (match[1] !== undefined) break;
    if (match[2] !== undefined) words.push(unquote(match[2]));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(
    /\\([\\'" ])|'((?:\\['\\]|[^'])*)'|"((?:\\["\\]|[^"])*)"/g,
    (_, escaped: string | undefined, single: string | undefined, double: string | undefined) =>
      escaped ?? single?.replace(/\\(['\\])/g, '$1') ?? double?.replace(/\\(["\\])/g, '$1') ?? '',
  );
}
