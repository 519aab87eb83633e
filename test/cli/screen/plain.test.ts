import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain, safeJson } from '../../../cli/screen/plain.ts';

/** Whatever a terminal may take for a command, and what hides or turns the writing around it. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const ESC = '\u001b';

test('a text from outside cannot colour, move, clear or rename anything on a terminal', () => {
  const hostile = [
    `${ESC}[2J${ESC}[1;1Hu-ann`,
    `${ESC}]0;root@prod\u0007u-ann`,
    '\u009b31mu-ann',
    'u-ann\u202etxt.exe',
    'u-\u200bann',
    'u-ann\r\nu-ben  following  1000000.00',
    '\u0000u-ann\u007f\b\b',
  ];

  const shown = hostile.map(plain);

  for (const text of shown) expect(text).not.toMatch(HARMFUL);
  expect(shown[5]).toBe('u-ann u-ben  following  1000000.00');
});

test('whatever comes, what is shown has nothing harmful in it and is one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plain(text)).not.toMatch(HARMFUL);
    }),
  );
});

test('JSON says the same to a program and nothing to a terminal', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (document) => {
      const json = safeJson(document);

      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(document)));
      expect(json.replaceAll('\n', '')).not.toMatch(HARMFUL);
    }),
  );
});
