import { HIDDEN } from './hidden';
import { FORMATS } from '../../src/config/formats';
import { isPrintable, printable, printableJson } from '../../src/config/printable';

describe('printable', () => {
  it.each(HIDDEN.map(character => [character.codePointAt(0)!.toString(16), character]))('shows U+%s as its code', (code, character) => {
    expect(printable(`a${character}b`)).toBe(`a\\u{${code}}b`);
    expect(isPrintable(`a${character}b`)).toBe(false);
  });

  it('shows every C0 and C1 character as its code, wherever it stands', () => {
    const text = HIDDEN.join('') + HIDDEN.join('x');
    expect(printable(text)).toMatch(/^[\x20-\x7e]+$/);
  });

  it.each(['plain', 'späße', '日本語', 'a\u0301', '🙂', 'עברית', '\\u{1b}', ''])('leaves %j as it is', text => {
    expect(printable(text)).toBe(text);
    expect(isPrintable(text)).toBe(true);
  });
});

describe('printableJson', () => {
  it.each(HIDDEN)('is JSON that says the same: %j', character => {
    const value = { [`k${character}`]: [`v${character}w`] };
    const text = printableJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(isPrintable(text.replaceAll('\n', ''))).toBe(true);
  });
});

describe('Formats', () => {
  /** Values that pass, of those formats that take more than a few characters. */
  const GOOD: Record<string, string> = { group: 'sre-team', sentence: 'A sentence that is long enough.', cel: 'object.spec.replicas <= 5', certificates: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' };
  /** Characters that are part of some. */
  const ALLOWED: Record<string, string> = { 'annotation-value': '\n', 'cel': '\n', 'certificates': '\n\r\t' };

  it.each(Object.keys(FORMATS))('%s takes no character that is not shown, so that none gets into manifests', name => {
    const { test } = FORMATS[name];
    const good = GOOD[name];
    if (good !== undefined) { expect(test(good)).toBe(true); }
    HIDDEN.filter(character => !ALLOWED[name]?.includes(character)).forEach(character => {
      [`${good ?? 'aa'}${character}`, `${character}${good ?? 'aa'}`, `${(good ?? 'aa').slice(0, 1)}${character}${(good ?? 'aa').slice(1)}`].forEach(text => {
        expect({ name, text, passes: test(text) }).toEqual({ name, text, passes: false });
      });
    });
  });
});
