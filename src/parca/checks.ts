import { defaultMemoryLimit, defaultMemoryRequest, SERVER_CPU } from './server-resources';
import { DEFAULTS } from '../config/defaults';
import { exactlyOneBucket, exactlyOneCertificate } from '../config/exactly-one';
import type { PartialSpec } from '../config/partial-spec';
import { hasParcaServer, isInvalid, pools } from '../config/partial-spec';
import { podChecks } from '../config/pod-checks';
import type { Problem } from '../config/problem';
import { mebibytes, parseBytes } from '../kube/quantity';

const CHECKS: ReadonlyArray<(spec: PartialSpec) => Problem[]> = [
  serverOrStore,
  headers,
  certificateOfServer,
  oneCertificate,
  oneBucket,
  separateSecrets,
  gatewayLimits,
  serverPod,
  peersOfServer,
];

/** Rules of the section `parca`. */
export function parcaChecks(spec: PartialSpec): Problem[] {
  return CHECKS.flatMap(check => check(spec));
}

/** The keys of a server here. */
const SERVER_KEYS = ['namespace', 'server', 'tls', 'tokens', 'gateway'] as const;

function serverOrStore({ parca }: PartialSpec): Problem[] {
  if (!parca || !('remoteStore' in parca)) { return []; }
  return [
    ...SERVER_KEYS.filter(key => key in parca).map((key): Problem => ({
      path: ['parca', key],
      message: 'is for a server here, and `parca.remoteStore` is a store elsewhere',
      allowed: 'one of the two',
      fix: `remove \`${key}\`, or \`remoteStore\` to have a server here`,
    })),
    ...(parca.agent?.enabled === false ? [{
      path: ['parca', 'agent', 'enabled'],
      message: 'leaves nothing of Parca: no server with `remoteStore`, and no agents',
      found: 'false',
      allowed: 'true with `parca.remoteStore`',
      fix: 'remove it, or the whole section `parca`',
    }] : []),
  ];
}

const CREDENTIAL_HEADERS = /^(proxy-)?authorization$|^(set-)?cookie$|token|secret|passw|credential|signature|(^|[-_.])(api[-_.]?)?key($|[-_.])|apikey|^x-.*auth/i;
const OWN_HEADERS = /^grpc-|^(content-type|content-length|host|te|user-agent|connection)$/i;

/** Headers stand in the flags of the agents, which everybody may read who sees the DaemonSet, or the processes of the node. */
function headers({ parca }: PartialSpec): Problem[] {
  return Object.entries(parca?.remoteStore?.headers ?? {}).flatMap(([name, value]): Problem[] => {
    const path = ['parca', 'remoteStore', 'headers', name];
    if (CREDENTIAL_HEADERS.test(name) || /^\s*(basic|bearer|digest)\s/i.test(value ?? '')) {
      return [{
        path,
        message: 'looks like a credential, and headers are shown to everybody who sees the DaemonSet',
        allowed: 'headers such as projectID; the token comes from `tokenSecret`, as `authorization: Bearer`',
        fix: 'remove it, and put the token into the Secret that `parca.remoteStore.tokenSecret` names',
      }];
    }
    return OWN_HEADERS.test(name) ? [{ path, message: 'is a header of gRPC itself', found: name, allowed: 'headers of the store', fix: 'remove it' }] : [];
  });
}

/** The gateway has nothing to serve without one. */
function certificateOfServer(spec: PartialSpec): Problem[] {
  const { parca } = spec;
  if (!parca || !hasParcaServer(spec) || 'tls' in parca) { return []; }
  return [{ path: ['parca', 'tls'], message: 'is required for a server', allowed: 'exactly one of `certManager` and `secretName`', fix: TLS_FIX }];
}

function serverPod({ parca }: PartialSpec): Problem[] {
  const { pod, activeMemory = DEFAULTS.activeMemory } = parca?.server ?? {};
  const active = isInvalid(parca?.server, 'activeMemory') ? undefined : parseBytes(activeMemory);
  if (!pod || active === undefined) { return []; }
  const limit = parseBytes(pod.resources?.memoryLimit ?? '');
  const [memoryRequest, memoryLimit] = [defaultMemoryRequest(active), defaultMemoryLimit(active)].map(mebibytes);
  const defaults = { cpuRequest: SERVER_CPU, memoryRequest, memoryLimit };
  const isSmall = limit !== undefined && limit < defaultMemoryRequest(active);
  return [
    ...(isSmall ? [{
      path: ['parca', 'server', 'pod', 'resources', 'memoryLimit'],
      message: 'is less than the server needs for `activeMemory`: it would be killed',
      found: pod.resources!.memoryLimit,
      allowed: `at least ${memoryRequest}, better ${memoryLimit}`,
      fix: 'raise it, or lower `parca.server.activeMemory`',
    }] : []),
    // As if the limit were right, so that its request is not refused as well.
    ...podChecks([{ path: ['parca', 'server', 'pod'], pod: isSmall ? { ...pod, resources: { ...pod.resources, memoryLimit } } : pod, defaults }]),
  ];
}

/** Peers of a server that is not there would be let in nowhere, and believe otherwise. */
function peersOfServer(spec: PartialSpec): Problem[] {
  if (hasParcaServer(spec) || isInvalid(spec, 'parca')) { return []; }
  return (['readers', 'symbolUploaders'] as const).filter(list => (spec.access?.[list] ?? []).length > 0).map(list => ({
    path: ['access', list],
    message: 'are of a Parca server, and there is none here',
    allowed: 'with `parca` and without `parca.remoteStore`',
    fix: list === 'readers' && spec.pyroscope ? 'remove it; those who read Pyroscope are `pyroscope.readers` and `pyroscope.grafana`' : 'remove it',
  }));
}

const TLS_FIX = 'write\ntls: { secretName: parca-tls }\nor\ntls: { certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } } }';

function oneCertificate(spec: PartialSpec): Problem[] {
  return exactlyOneCertificate(['parca', 'tls'], spec.parca?.tls, TLS_FIX);
}

function oneBucket(spec: PartialSpec): Problem[] {
  return exactlyOneBucket(['parca', 'server', 'objectStorage'], spec.parca?.server?.objectStorage,
    'add the bucket, or remove the key to keep profiles on the volume');
}

/** One Secret for two roles would hold one token for both, which the gateway then accepts for neither. */
function separateSecrets(spec: PartialSpec): Problem[] {
  const owners = new Map<string, string>();
  const { tls, tokens, remoteStore } = spec.parca ?? {};
  const ofPools = pools(spec).map(({ pool, path }) => [[...path, 'pushToken', 'secretName'], pool.pushToken?.secretName] as const);
  const uses: Array<readonly [Problem['path'], string | undefined]> = hasParcaServer(spec) ? [
    [['parca', 'tls', 'secretName'], tls?.secretName ?? (tls?.certManager && DEFAULTS.certificateSecret)],
    ...(Object.keys(DEFAULTS.tokens) as Array<keyof typeof DEFAULTS.tokens>)
      .map(role => [['parca', 'tokens', role, 'secretName'], tokens?.[role]?.secretName ?? DEFAULTS.tokens[role]] as const),
    ...ofPools,
  ] : [[['parca', 'remoteStore', 'tokenSecret', 'secretName'], remoteStore?.tokenSecret?.secretName], ...ofPools];
  return uses.flatMap(([path, name]) => {
    if (name === undefined) { return []; }
    const owner = owners.get(name);
    owners.set(name, owner ?? path.slice(0, -1).join('.'));
    return owner ? [{
      path,
      message: `is also the Secret of \`${owner}\``,
      found: name,
      allowed: 'a Secret of its own for the certificate, for each role, and for each pool that has a token of its own',
      fix: 'rename one of the two',
    }] : [];
  });
}

/** Numbers of HAProxy's tables end at 4 GiB, and what they count is that of ten seconds. */
const MOST_PUSHED_PER_MINUTE = 20 * 2 ** 30;

function gatewayLimits({ parca }: PartialSpec): Problem[] {
  const gateway = parca?.gateway;
  if (!gateway) { return []; }
  const perDay = gateway.uploadsPerDay ?? DEFAULTS.gateway.uploadsPerDay;
  const size = gateway.uploadSize ?? DEFAULTS.gateway.uploadSize;
  const isKnown = !isInvalid(gateway, 'uploadSize') && !isInvalid(gateway, 'uploadsPerDay');
  return [
    ...(isKnown && (parseBytes(size) ?? 0) > (parseBytes(perDay) ?? Infinity) ? [{
      path: ['parca', 'gateway', gateway.uploadsPerDay === undefined ? 'uploadSize' : 'uploadsPerDay'],
      message: 'makes the largest upload larger than what may be uploaded in a day',
      found: `uploadSize ${size}, uploadsPerDay ${perDay}`,
      allowed: 'an `uploadSize` of at most `uploadsPerDay`',
      fix: 'lower `uploadSize` or raise `uploadsPerDay`',
    }] : []),
    ...(gateway.pushPerMinute !== undefined && (parseBytes(gateway.pushPerMinute) ?? 0) > MOST_PUSHED_PER_MINUTE ? [{
      path: ['parca', 'gateway', 'pushPerMinute'],
      message: 'is more than the gateway can count',
      found: gateway.pushPerMinute,
      allowed: 'at most 20Gi',
      fix: 'lower it; node pools with a `pushToken` of their own are counted each for itself',
    }] : []),
  ];
}
