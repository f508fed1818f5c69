import { PYROSCOPE_NAME } from './names';
import { PyroscopeMode } from '../api/pyroscope';
import type { Route } from '../gateway/routes';

const PUSH = ['/push.v1.PusherService/Push', '/ingest', '/pyroscope/ingest'];

/** Their forms of a unary call over HTTP, gRPC-Web and gRPC have the same path. */
const QUERIES = [
  'AnalyzeQuery', 'Diff', 'GetProfileStats', 'LabelNames', 'LabelValues', 'ProfileTypes', 'SelectHeatmap', 'SelectMergeProfile', 'SelectMergeSpanProfile',
  'SelectMergeStacktraces', 'SelectSeries', 'Series',
].map(method => `/querier.v1.QuerierService/${method}`);

/**
 * Routes of Pyroscope's gateway, by role: every request of one tenant that its role needs, by exact path.
 *
 * Missing on purpose: what changes a tenant's settings, recording rules and stored ad-hoc profiles; uploads of debug
 * information, beside which lie methods that list and delete it; OTLP, which is in development; and everything of
 * operators, above all `/ops/object-store`, which hands out the profiles of all tenants without asking for one. So is
 * `/pyroscope/label-values`, which answers 400 whatever it is asked.
 *
 * @see https://github.com/grafana/pyroscope/blob/v2.2.1/pkg/api/api.go
 */
export function pyroscopeRoutes(mode: PyroscopeMode): readonly Route[] {
  const component = (name: string): string => mode === PyroscopeMode.SINGLE_BINARY ? PYROSCOPE_NAME : name;
  return [
    { role: 'push', methods: ['POST'], paths: PUSH, backend: component('distributor') },
    {
      role: 'read',
      methods: ['POST'],
      paths: [...QUERIES, '/capabilities.v1.FeatureFlagsService/GetFeatureFlags'],
      backend: component('query-frontend'),
    },
    { role: 'read', methods: ['POST'], paths: ['/settings.v1.SettingsService/Get'], backend: component('tenant-settings') },
    {
      role: 'read',
      methods: ['GET', 'HEAD'],
      paths: ['/pyroscope/render', '/pyroscope/render-diff'],
      backend: component('query-frontend'),
    },
  ];
}

/** Metrics name every tenant, so they take a token of their own. Microservices have too many places for one path. */
export function metricsRoute(backend: string): Route {
  return { role: 'metrics', methods: ['GET', 'HEAD'], paths: ['/metrics'], backend };
}
