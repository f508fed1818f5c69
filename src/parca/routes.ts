import type { Route } from '../gateway/routes';

const PROFILE_STORE = '/parca.profilestore.v1alpha1.ProfileStoreService';
const DEBUGINFO = '/parca.debuginfo.v1alpha1.DebuginfoService';
const QUERY = '/parca.query.v1alpha1.QueryService';

/** Parca again, with a count of what passes. */
export const UPLOADS_BACKEND = 'uploads';

/**
 * ShareProfile is missing on purpose: it sends the profile to a public service. So are reflection, the pprof handlers,
 * the scrape targets (they show annotations of all pods), OTLP, and the REST forms of writing.
 */
const QUERY_METHODS = ['HasProfileData', 'Labels', 'ProfileTypes', 'Query', 'QueryRange', 'Series', 'Values'];
const REST_QUERIES = ['has_profile_data', 'labels', 'query', 'query_range', 'series', 'types'];

/**
 * Routes of Parca's gateway: which role may call what.
 *
 * @see https://github.com/parca-dev/parca/tree/v0.28.0/proto/parca
 */
export const PARCA_ROUTES: readonly Route[] = [
  {
    // WriteArrow: agents from v0.48. Write: before. WriteRaw: agents up to v0.31 and SDKs.
    role: 'push',
    methods: ['POST'],
    paths: ['Write', 'WriteArrow', 'WriteRaw'].map(method => `${PROFILE_STORE}/${method}`),
    isGrpc: true,
  },
  {
    // Parca makes a path of the build id, be it "../.." or not.
    role: 'symbols',
    methods: ['POST'],
    paths: ['InitiateUpload', 'MarkUploadFinished', 'ShouldInitiateUpload'].map(method => `${DEBUGINFO}/${method}`),
    isPlainGrpc: true,
    check: 'check_build_id',
  },
  {
    // It writes nothing that has not been initiated. Compressed, its size would say nothing.
    role: 'symbols',
    methods: ['POST'],
    paths: [`${DEBUGINFO}/Upload`],
    isPlainGrpc: true,
    backend: UPLOADS_BACKEND,
  },
  {
    // Native gRPC and Connect clients, such as Grafana; below /api the same calls from Parca's own interface.
    role: 'read',
    methods: ['POST'],
    paths: ['', '/api'].flatMap(prefix => QUERY_METHODS.map(method => `${prefix}${QUERY}/${method}`)),
  },
  {
    role: 'read',
    methods: ['GET', 'HEAD'],
    paths: ['/', '/index.html', ...REST_QUERIES.map(query => `/api/profiles/${query}`)],
    patterns: [
      '^/api/profiles/labels/[A-Za-z0-9_]+/values$',
      '^/(assets|static)/[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*([.][A-Za-z0-9_-]+)+$',
      '^/[A-Za-z0-9_-]+[.](ico|json|png|svg|txt|webmanifest)$',
    ],
  },
  {
    role: 'metrics',
    methods: ['GET', 'HEAD'],
    paths: ['/metrics'],
  },
];
