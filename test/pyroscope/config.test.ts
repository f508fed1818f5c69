import fc from 'fast-check';
import { validPyroscope } from './arbitraries';
import { AZURE, GCS, resolvedPyroscope, resolvedSection, S3 } from './tenants';
import { CONFIG, OVERRIDES, unknownKeys } from './upstream';
import type { Config } from '../../src/pyroscope/config';
import { pyroscopeConfig, tenantOverrides } from '../../src/pyroscope/config';
import { runs } from '../property-runs';

type Limits = Readonly<Record<string, number | string>>;

const configOf = (keys: object = {}): Config & { readonly limits: Limits } =>
  pyroscopeConfig(resolvedPyroscope(keys).pyroscope) as Config & { limits: Limits };
const overridesOf = (...tenants: object[]) => tenantOverrides(resolvedPyroscope({ tenants }).pyroscope);
const tenant = (name: string, keys: object = {}) => ({ name, namespaces: [`app-${name}`], ...keys });

describe('Configuration of Pyroscope', () => {
  it('has no key that Pyroscope would not start with', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const { pyroscope } = resolvedSection(section);
      expect(unknownKeys(pyroscopeConfig(pyroscope), CONFIG)).toEqual([]);
      expect(unknownKeys(tenantOverrides(pyroscope), OVERRIDES)).toEqual([]);
    }), runs(150));
  });

  it('shows everything that is kept, and takes every push that its rate allows: for all and for each tenant', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const { pyroscope } = resolvedSection(section);
      const { limits } = pyroscopeConfig(pyroscope) as { limits: Limits };
      [limits, ...Object.values(tenantOverrides(pyroscope)).map(own => ({ ...limits, ...own }) as Limits)].forEach(effective => {
        // The hour of a tenant that leaves is not the window of those who still read it.
        if (effective.retention_period !== '1h') { expect(effective.max_query_lookback).toBe(effective.retention_period); }
        expect(effective.ingestion_burst_size_mb).toBeGreaterThanOrEqual(effective.ingestion_rate_mb as number);
        expect((effective.ingestion_burst_size_mb as number) * 2 ** 20).toBeGreaterThanOrEqual(effective.max_profile_size_bytes as number);
      });
    }), runs(150));
  });

  it('separates tenants', () => {
    expect(configOf().multitenancy_enabled).toBe(true);
  });

  it('has the limits of the document, in the words of Pyroscope', () => {
    const limits = {
      retention: '14d',
      ingestionRateMb: 8,
      ingestionBurstMb: 20,
      maxProfileSize: '1Mi',
      maxLabelNamesPerSeries: 25,
      maxStacktraceDepth: 500,
      maxStacktraceSamples: 9000,
      maxQueryLength: '12h',
    };
    expect(configOf(limits).limits).toEqual({
      retention_period: '14d',
      max_query_lookback: '14d',
      ingestion_rate_mb: 8,
      ingestion_burst_size_mb: 20,
      max_profile_size_bytes: 1048576,
      max_label_names_per_series: 25,
      max_profile_stacktrace_depth: 500,
      max_profile_stacktrace_samples: 9000,
      max_query_length: '12h',
    });
  });

  it('bounds everything unless it is told otherwise', () => {
    expect(configOf().limits).toMatchObject({ retention_period: '7d', ingestion_rate_mb: 4, ingestion_burst_size_mb: 8, max_query_length: '1d' });
  });

  it.each<[string, object, object]>([
    ['Amazon', S3, { backend: 's3', s3: { endpoint: 's3.us-east-1.amazonaws.com', region: 'us-east-1', bucket_name: 'profiles', native_aws_auth_enabled: true } }],
    ['Google', GCS, { backend: 'gcs', gcs: { bucket_name: 'profiles' } }],
    ['Microsoft', AZURE, { backend: 'azure', azure: { account_name: 'corpprofiles', container_name: 'pyroscope' } }],
  ])('reaches a bucket at %s without a static key', (_, storage, expected) => {
    expect(configOf({ storage }).storage).toEqual(expected);
  });

  it('takes an endpoint of one\'s own', () => {
    expect(configOf({ storage: { s3: { ...S3.s3, endpoint: 'minio.example.com' } } }).storage).toMatchObject({ s3: { endpoint: 'minio.example.com' } });
  });

  it('names no bucket where the volume is used', () => {
    expect(configOf()).not.toHaveProperty('storage');
  });
});

describe('Overrides of tenants', () => {
  it('hold what differs from the limits of all, and nothing else', () => {
    expect(overridesOf(tenant('same'), tenant('slow', { ingestionRateMb: 2 }), tenant('long', { retention: '14d' }))).toEqual({
      slow: { ingestion_rate_mb: 2, ingestion_burst_size_mb: 4 },
      long: { retention_period: '14d', max_query_lookback: '14d' },
    });
    expect(overridesOf(tenant('a', { retention: '7d', ingestionRateMb: 4 }))).toEqual({});
    // By what Pyroscope calls it.
    expect(Object.keys(overridesOf(tenant('a', { retention: '14d', tenantId: 'Team_A' })))).toEqual(['Team_A']);
  });

  it('never repeat a limit of all', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const { pyroscope } = resolvedSection(section);
      const { limits } = pyroscopeConfig(pyroscope) as { limits: Limits };
      Object.values(tenantOverrides(pyroscope)).forEach(own => {
        expect(Object.keys(own).length).toBeGreaterThan(0);
        Object.entries(own).forEach(([key, value]) => expect(value).not.toBe(limits[key]));
      });
    }), runs(100));
  });

  it('let what a leaving tenant has expire, and never keep it forever', () => {
    const own = overridesOf(tenant('stays'), tenant('leaves', { offboarding: true, retention: '4w' })).leaves;
    expect(own).toEqual({ retention_period: '1h', max_query_lookback: '4w' });
  });

  it('leave the window of a reader alone when one of its tenants leaves', () => {
    expect(overridesOf(tenant('stays'), tenant('leaves', { offboarding: true })).leaves).toEqual({ retention_period: '1h' });
  });

  it('never ask for longer than is kept', () => {
    expect(overridesOf(tenant('short', { retention: '6h' })).short).toMatchObject({ retention_period: '6h', max_query_length: '6h' });
  });
});
