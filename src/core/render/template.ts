import Handlebars from 'handlebars';
import { sh } from './quote.ts';

/** The quoting helpers: the only way in which a value gets into a text. Each throws on what it can't write safely. */
const helpers = {
  /** One word for the shell. */
  sh: (value: unknown) => sh(value),
  /** The words of a list, each quoted. */
  words: (value: unknown) => {
    if (!Array.isArray(value)) throw new TypeError('words needs a list');
    return value.map(sh).join(' ');
  },
  /** A whole number. */
  int: (value: unknown) => {
    if (!Number.isSafeInteger(value)) throw new TypeError(`not a whole number: ${String(value)}`);
    return String(value);
  },
} as const;

/** Handlebars' own block helpers that templates may use. */
const blocks = ['each', 'if', 'unless'] as const;

const environment = Handlebars.create();
for (const name of Object.keys(environment.helpers)) {
  if (!blocks.some((block) => block === name)) environment.unregisterHelper(name);
}
for (const [name, helper] of Object.entries(helpers)) {
  // Handlebars passes its options object last; a helper called with more than one value would drop the rest silently.
  environment.registerHelper(name, (...values: readonly unknown[]) => {
    if (values.length !== 2) throw new TypeError(`{{${name}}} takes one value`);
    return helper(values[0]);
  });
}

/** Finds `{{value}}`, `{{{value}}}` and partials: text that no quoting helper has seen. */
class BareValues extends Handlebars.Visitor {
  readonly found: string[] = [];

  override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
    const { path } = statement;
    const name = 'original' in path ? path.original : '';
    if (!Object.hasOwn(helpers, name) || statement.params.length !== 1) {
      this.found.push(`line ${statement.loc.start.line}: {{${name}}}`);
    }
  }

  override PartialStatement(statement: hbs.AST.PartialStatement): void {
    this.found.push(`line ${statement.loc.start.line}: a partial`);
  }
}

/** The syntax of a template; throws where a value would get into the text without a quoting helper. */
export function checkTemplate(template: string): hbs.AST.Program {
  const syntax = Handlebars.parse(template);
  const visitor = new BareValues();
  visitor.accept(syntax);
  if (visitor.found.length > 0) throw new Error(`unquoted values in a template: ${visitor.found.join(', ')}`);
  return syntax;
}

/**
 * Fills a template. Every value must go through a quoting helper, every name must exist in `values`: anything else is a bug
 * in the template and throws.
 */
export function fill(template: string, values: Readonly<Record<string, unknown>>): string {
  const compiled = environment.compile(checkTemplate(template), {
    noEscape: true,
    strict: true,
    knownHelpers: Object.fromEntries([...Object.keys(helpers), ...blocks].map((name) => [name, true])),
    knownHelpersOnly: true,
  });
  return compiled(values);
}
