import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkTemplate, fill } from '../../../src/core/render/template.ts';
import { templates } from '../../support/templates.ts';

const folder = new URL('../../../templates/', import.meta.url);
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.hbs'),
);

describe('the templates', () => {
  it('are there', () => expect(names.length).toBeGreaterThanOrEqual(4));

  it.each(names)('%s puts no value in without quoting it', (name) => {
    expect(() => checkTemplate(templates.read(name))).not.toThrow();
  });
});

describe('fill', () => {
  it('quotes for the shell', () => {
    expect(fill('a={{sh a}} b=({{words b}}) c={{int c}}', { a: "it's $(id)", b: ['x y', 'z'], c: 7 })).toBe(
      String.raw`a='it'\''s $(id)' b=('x y' z) c=7`,
    );
  });

  it('repeats and chooses', () => {
    expect(
      fill('{{#each list}}{{sh this}};{{/each}}{{#if yes}}y{{/if}}{{#unless yes}}n{{/unless}}', {
        list: ['a', 'b c'],
        yes: true,
      }),
    ).toBe("a;'b c';y");
  });

  it.each([
    ['{{a}}'],
    ['{{{a}}}'],
    ['{{&a}}'],
    ['{{#if a}}{{a}}{{/if}}'],
    ['{{#each list}}{{this}}{{/each}}'],
    ['{{lookup this "a"}}'],
    ['{{log a}}'],
    ['{{> a}}'],
    ['{{constructor}}'],
    ['{{sh a b}}'],
    ['{{sh}}'],
    ['{{json a}}'],
    ['{{#with a}}{{sh this}}{{/with}}'],
  ])('refuses %s', (template) => {
    expect(() => fill(template, { a: 'x', b: 'y', list: ['x'], json: 'x' })).toThrow();
  });

  it.each([
    ['{{sh missing}}', {}],
    ['{{sh a.missing}}', { a: {} }],
    ['{{sh a}}', { a: undefined }],
    ['{{sh a}}', { a: null }],
    ['{{sh a}}', { a: {} }],
    ['{{sh constructor}}', {}],
    ['{{sh __proto__}}', {}],
    ['{{sh a.constructor.name}}', { a: 'x' }],
    ['{{int a}}', { a: '7' }],
    ['{{int a}}', { a: 7.5 }],
    ['{{words a}}', { a: 'x' }],
    ['{{words a}}', { a: [undefined] }],
  ])('refuses %s of %j', (template, values) => {
    expect(() => fill(template, values)).toThrow();
  });
});
