import fc from 'fast-check';
import { parseJson } from '../../src/config/parse-json';
import { runs } from '../property-runs';

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(fc.property(fc.json(), text => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }), runs(100));
  });

  it.each(['', '{', '"', '"\\', '[1,]', 'undefined', "{'a': 1}"])('gives nothing for what is none: %j', text => {
    expect(parseJson(text)).toBeUndefined();
  });

  it.each<[string, string, string]>([['lists', '[', ']'], ['mappings', '{"a":', '}']])('takes %s to a depth of 64, and looks no further', (_, open, close) => {
    const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
    expect(parseJson(nested(64))).toEqual(JSON.parse(nested(64)));
    const parse = jest.spyOn(JSON, 'parse');
    expect(parseJson(nested(65))).toBeUndefined();
    expect(parseJson(open.repeat(1_000_000))).toBeUndefined();
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it('does not count what stands in strings', () => {
    const value = { [`"\\${'['.repeat(100)}`]: `${'{'.repeat(100)}\\`, after: [`\\\\"${'['.repeat(100)}`] };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  });
});
