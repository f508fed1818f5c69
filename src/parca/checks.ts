import { DEFAULTS, SYSTEM_NAMESPACES } from '../config/defaults';
import { exactlyOneBucket, exactlyOneCertificate } from '../config/exactly-one';
import type { PartialSpec } from '../config/partial-spec';
import { deploymentNamespaces, isInvalid, pools } from '../config/partial-spec';
import type { Problem } from '../config/problem';
import { parseBytes } from '../kube/quantity';

/** Rules of the section `parca`. */
export function parcaChecks(spec: PartialSpec): Problem[] {
  return [separateNamespaces, oneCertificate, oneBucket, separateSecrets, gatewayLimits].flatMap(check => check(spec));
}

function separateNamespaces(spec: PartialSpec): Problem[] {
  const problems: Problem[] = [];
  const [server, agents] = deploymentNamespaces(spec);
  for (const { name, path } of [server, agents]) {
    if (SYSTEM_NAMESPACES.includes(name)) {
      problems.push({
        path,
        message: 'is a namespace of Kubernetes itself',
        found: name,
        allowed: 'a namespace of its own, which gets Pod Security labels and a default deny',
        fix: 'choose another name, or remove the key to get its default',
      });
    }
  }
  if (server.name === agents.name) {
    problems.push({
      path: agents.path,
      message: 'is also the namespace of the server',
      found: agents.name,
      allowed: 'two namespaces: agents need Pod Security `privileged`, the server runs under `restricted`',
      fix: 'choose another name for one of the two',
    });
  }
  return problems;
}

function oneCertificate(spec: PartialSpec): Problem[] {
  return exactlyOneCertificate(['parca', 'tls'], spec.parca?.tls,
    'write\ntls: { secretName: parca-tls }\nor\ntls: { certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } } }');
}

function oneBucket(spec: PartialSpec): Problem[] {
  return exactlyOneBucket(['parca', 'server', 'objectStorage'], spec.parca?.server?.objectStorage,
    'add the bucket, or remove the key to keep profiles on the volume');
}

/** One Secret for two roles would hold one token for both, which the gateway then accepts for neither. */
function separateSecrets(spec: PartialSpec): Problem[] {
  const owners = new Map<string, string>();
  const { tls, tokens } = spec.parca ?? {};
  const uses: Array<readonly [Problem['path'], string | undefined]> = [
    [['parca', 'tls', 'secretName'], tls?.secretName ?? (tls?.certManager && DEFAULTS.certificateSecret)],
    ...(Object.keys(DEFAULTS.tokens) as Array<keyof typeof DEFAULTS.tokens>)
      .map(role => [['parca', 'tokens', role, 'secretName'], tokens?.[role]?.secretName ?? DEFAULTS.tokens[role]] as const),
    ...pools(spec).map(({ pool, path }) => [[...path, 'pushToken', 'secretName'], pool.pushToken?.secretName] as const),
  ];
  return uses.flatMap(([path, name]) => {
    if (name === undefined) { return []; }
    const owner = owners.get(name);
    owners.set(name, owner ?? path.slice(1, -1).join('.'));
    return owner ? [{
      path,
      message: `is also the Secret of \`parca.${owner}\``,
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
