import fc from 'fast-check';
import { stringify } from 'yaml';
import { anyJson, anyText } from './arbitraries';
import { validSpec } from './valid-spec';
import { parseDocument } from '../../src/config/document';
import { SpecError } from '../../src/config/problem';
import { resolve } from '../../src/resolve';
import { runs } from '../property-runs';

/** Whether the text is read, or refused as it should be; any other error is passed on. */
function isHandled(text: string): boolean {
  try {
    const document = parseDocument(text, 'profiling.yaml');
    resolve(document.value, document);
  } catch (error) {
    if (!(error instanceof SpecError)) { throw error; }
    // Positions are looked up while the message is made.
    const positions = error.message.match(/^profiling\.yaml:(\d+):(\d+) /gm) ?? [];
    return positions.every(position => !/:0\b|NaN|-/.test(position));
  }
  return true;
}

const yamlIndicators = fc.constantFrom(
  '- ', ': ', ':', '\n', '\r\n', '\r', '  ', '\t', '? ', '{', '}', '[', ']', ',', '"', "'", '#', '&a', '*a', '!t', '|', '>', '---\n', '...\n', '%YAML 1.2\n',
  'a', '1', '~', 'null', '\\', '\ufeff', '<<', '=', '__proto__', 'cluster', 'parca', 'name',
);

describe('parseDocument', () => {
  it('reads or refuses every text', () => {
    fc.assert(fc.property(anyText, isHandled), runs(500));
  });

  it('reads or refuses everything that looks like YAML', () => {
    fc.assert(fc.property(fc.array(yamlIndicators, { maxLength: 30 }).map(parts => parts.join('')), isHandled), runs(2000));
  });

  it('says of each key that stands twice which one it is', () => {
    const key = fc.constantFrom('a', 'b', '"a"', "'b'", '1', '0x1', '"1"', '~', 'null', '__proto__', '? a\n', '');
    const pairs = fc.letrec<{ mapping: string }>(tie => ({
      mapping: fc.array(fc.tuple(key, fc.oneof({ maxDepth: 3 }, fc.constantFrom('x', '[]', '', '[{ a: 1 }, { a: 1 }]'), tie('mapping'))), { maxLength: 4 })
        .map(entries => `{ ${entries.map(([name, value]) => `${name} : ${value}`).join(', ')} }`),
    })).mapping;
    fc.assert(fc.property(pairs, text => {
      try {
        parseDocument(text, 'profiling.yaml');
      } catch (error) {
        if (!(error instanceof SpecError)) { throw error; }
        error.problems.forEach(problem => expect(problem).toMatchObject({ message: 'stands twice in one mapping', found: expect.stringMatching(/^line/) as unknown }));
      }
    }), runs(1000));
  });

  it('reads or refuses the YAML of every value', () => {
    fc.assert(fc.property(anyJson, fc.constantFrom<'1.1' | '1.2'>('1.1', '1.2'), (value, version) => isHandled(stringify(value, { version }))), runs(300));
  });

  it('reads every specification that is valid as it is', () => {
    fc.assert(fc.property(validSpec, value => {
      expect(parseDocument(stringify(value, { version: '1.1', aliasDuplicateObjects: false }), 'profiling.yaml').value).toEqual(value);
      expect(parseDocument(JSON.stringify(value), 'profiling.json').value).toEqual(value);
    }), runs(50));
  });

  it('reads the JSON of every mapping as it is', () => {
    fc.assert(fc.property(fc.dictionary(anyText, anyJson, { noNullPrototype: true }), fc.constantFrom('', '  ', '\t'), (value, indent) => {
      expect(JSON.stringify(parseDocument(JSON.stringify(value, null, indent), 'profiling.json').value)).toBe(JSON.stringify(value));
    }), runs(300));
  });
});
