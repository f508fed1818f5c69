import { MAX_EXCLUSIONS, overlap, remainder } from '../../src/agents/node-pools';

const pool = (nodeSelector?: Record<string, string>) => ({ name: 'a', nodeSelector });

describe('overlap', () => {
  it.each<[Record<string, string> | undefined, Record<string, string> | undefined]>([
    [{ pool: 'a' }, { pool: 'a' }],
    [{ pool: 'a' }, { zone: 'a' }],
    [{ pool: 'a', zone: '1' }, { pool: 'a' }],
    [{ constructor: 'a' }, { pool: 'a' }],
    [undefined, undefined],
  ])('is there between %j and %j', (a, b) => {
    expect(overlap(pool(a), pool(b))).toBe(true);
    expect(overlap(pool(b), pool(a))).toBe(true);
  });

  it.each<[Record<string, string> | undefined, Record<string, string> | undefined]>([
    [{ pool: 'a' }, { pool: 'b' }],
    [{ pool: 'a', zone: '1' }, { zone: '2' }],
    [{ constructor: 'a' }, { constructor: 'b' }],
    [{ pool: 'a' }, undefined],
  ])('is not there between %j and %j', (a, b) => {
    expect(overlap(pool(a), pool(b))).toBe(false);
    expect(overlap(pool(b), pool(a))).toBe(false);
  });
});

describe('remainder', () => {
  it('excludes nothing without selectors', () => {
    expect(remainder([pool()])).toEqual([{}]);
  });

  it('excludes the values of one label together, sorted', () => {
    expect(remainder([pool({ pool: 'b' }), pool(), pool({ pool: 'a' })])).toEqual([{ pool: ['a', 'b'] }]);
  });

  it('has an alternative for each label a node may lack', () => {
    expect(remainder([pool({ pool: 'a', zone: '1' })])).toEqual([{ pool: ['a'] }, { zone: ['1'] }]);
  });

  it('has each alternative once', () => {
    expect(remainder([pool({ pool: 'a', zone: '1' }), pool({ zone: '1', pool: 'a' })])).toEqual([
      { pool: ['a'], zone: ['1'] }, { pool: ['a'] }, { zone: ['1'] },
    ]);
  });

  it('takes labels that are called like what every object has', () => {
    expect(remainder([pool({ constructor: 'a' }), pool({ toString: 'b' })])).toEqual([{ constructor: ['a'], toString: ['b'] }]);
  });

  it('gives up beyond the limit', () => {
    const selectors = (count: number, width: number) => Array.from({ length: count }, (_, i) =>
      pool(Object.fromEntries(Array.from({ length: width }, (_label, j) => [`l${i}-${j}`, 'x']))));
    expect(MAX_EXCLUSIONS).toBe(64);
    expect(remainder(selectors(6, 2))).toHaveLength(64);
    expect(remainder(selectors(7, 2))).toBeUndefined();
    expect(remainder(selectors(1, 65))).toBeUndefined();
  });
});
