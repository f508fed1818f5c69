import fc from 'fast-check';
import { readAlloy, strings } from './alloy-reader';
import { alloyText, reference } from '../../src/alloy/alloy-text';
import { runs } from '../property-runs';

describe('The text of blocks', () => {
  it('is as Alloy\'s formatter has it: tabs, aligned attributes, an empty line before a block', () => {
    expect(alloyText([
      {
        type: 'pyroscope.write',
        label: 'a',
        attributes: { external_labels: { map: { cluster: 'prod', x: 'y' } }, n: true },
        blocks: [{ type: 'endpoint', attributes: { url: 'https://x' }, blocks: [{ type: 'tls_config' }] }],
      },
      { type: 'b', attributes: { list: [reference('c.d.receiver'), 'text'] } },
    ])).toBe([
      'pyroscope.write "a" {',
      '\texternal_labels = {"cluster" = "prod", "x" = "y"}',
      '\tn               = true',
      '',
      '\tendpoint {',
      '\t\turl = "https://x"',
      '',
      '\t\ttls_config { }',
      '\t}',
      '}',
      '',
      'b {',
      '\tlist = [c.d.receiver, "text"]',
      '}',
      '',
    ].join('\n'));
  });

  it('keeps every string, whatever is in it', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), values => {
      const [{ attributes, blocks }] = readAlloy(alloyText([{ type: 'x', attributes: { one: values[0], all: values }, blocks: [{ type: 'y', attributes: { z: '}' } }] }]));
      expect(strings(attributes.one)).toEqual([values[0]]);
      expect(strings(attributes.all)).toEqual(values);
      expect(blocks).toHaveLength(1);
    }), runs(100));
  });

  it('refers without quotes', () => {
    expect(alloyText([{ type: 'x', attributes: { targets: reference('discovery.relabel.pods.output') } }])).toContain(' = discovery.relabel.pods.output\n');
  });
});
