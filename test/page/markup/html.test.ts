import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escaped, html, TemplateError } from '../../../page/markup/html.ts';

describe('a template', () => {
  test('escapes what is put into it, in content and in quoted attributes', () => {
    const hostile = `<img src=x onerror="alert('1')">&`;

    const { text } = html`<p title="${hostile}">${hostile}</p>`;

    const kept = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;';
    expect(text).toBe(`<p title="${kept}">${kept}</p>`);
  });

  test('takes other templates as they are, joins lists and leaves out what is absent', () => {
    const { text } = html`<ul>${['<', '>'].map((item) => html`<li>${item}</li>`)}${undefined}${3}</ul>`;

    expect(text).toBe('<ul><li>&lt;</li><li>&gt;</li>3</ul>');
  });

  test.each([
    ['bare', () => html`<p class=${'x'}>`],
    ['as an attribute of its own', () => html`<p ${'onclick=alert(1)'}>`],
    ['as the name of a tag', () => html`<${'script'}>`],
  ])('refuses a value that stands in a tag %s', (_, make) => {
    expect(make).toThrow(TemplateError);
  });
});

describe('escaping', () => {
  test('leaves nothing that could open a tag, end an attribute or begin an entity', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const text = escaped(value);

        expect(text).not.toMatch(/[<>"'`]/);
        expect(text.replace(/&(amp|lt|gt|quot|#39|#96);/g, '')).not.toContain('&');
      }),
    );
  });

  test('shows what cannot be seen: a name that reads backwards is not taken for another', () => {
    expect(escaped('u-\u{202e}nna\u{0}')).toBe('u-\u{fffd}nna\u{fffd}');
  });

  test('keeps other scripts and turns line breaks into spaces', () => {
    expect(escaped('große\r\nÄnderung 数量')).toBe('große Änderung 数量');
  });
});
