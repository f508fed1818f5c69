import { isIP } from 'node:net';
import { parseSeconds } from '../kube/duration';
import { parseImage } from '../kube/image';
import { parseBytes } from '../kube/quantity';
import { compareVersions } from '../kube/version';
import { KUBERNETES } from '../versions';
import { isPrintable } from './printable';

/** A kind of value that a plain type cannot express. Structs name it with the docstring tag `@format`. */
export interface Format {
  readonly test: (value: string) => boolean;
  /** Allowed values, with an example. */
  readonly allowed: string;
}

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

function isSubdomain(value: string): boolean {
  return value.length <= 253 && DNS_SUBDOMAIN.test(value);
}

/** Leaves room for the longest name of a Service before it. Names that end in digits are addresses to some resolvers. */
function isClusterDomain(value: string): boolean {
  return value.length <= 128 && isSubdomain(value) && !/(^|\.)[0-9]+$/.test(value) && !/^svc(\.|$)/.test(value);
}

function isLabelKey(value: string): boolean {
  const parts = value.split('/');
  if (parts.length > 2 || !LABEL_NAME.test(parts[parts.length - 1])) { return false; }
  return parts.length === 1 || isSubdomain(parts[0]);
}

function isCidr(value: string): boolean {
  const [address, bits, ...rest] = value.split('/');
  const family = isIP(address);
  // Zones and IPv4 addresses in IPv6 notation, which Kubernetes reads as something else or refuses.
  if (/%|^::ffff:/i.test(address)) { return false; }
  if (family === 0 || rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(bits ?? '')) { return false; }
  // A zero-length prefix is every address there is, which no rule here may mean.
  return Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128);
}

// The host as it is written: browsers read more into an address than other programs do.
const HTTPS_URL = /^https:\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[1-9][0-9]{0,4})?(\/[A-Za-z0-9.:_~%/-]*)?$/;

function isHttpsUrl(value: string): boolean {
  if (value.length > 500 || !HTTPS_URL.test(value)) { return false; }
  try {
    const { hostname, username, password } = new URL(value);
    return hostname !== '' && username === '' && password === '';
  } catch {
    return false;
  }
}

/** The namespace whose service accounts a group holds; undefined for other groups. */
export function serviceAccountNamespace(group: string): string | undefined {
  const namespace = /^system:serviceaccounts:(.*)$/.exec(group)?.[1];
  return namespace !== undefined && DNS_LABEL.test(namespace) ? namespace : undefined;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) { return false; }
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function isBetween(value: number | undefined, lowest: number, highest: number): boolean {
  return value !== undefined && value >= lowest && value <= highest;
}

// A space fits one place of it only: with two, a long text that does not match would take seconds.
const CERTIFICATES = /^[ \t\r\n]*(-----BEGIN CERTIFICATE-----[ \t\r\n]+[A-Za-z0-9+/=][A-Za-z0-9+/= \t\r\n]*-----END CERTIFICATE-----[ \t\r\n]*)+$/;

const MIN_MEMORY = 16 * 2 ** 20;

/**
 * All formats by name.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export const FORMATS: Readonly<Record<string, Format>> = {
  'dns-label': {
    test: value => DNS_LABEL.test(value),
    allowed: 'a DNS label: at most 63 lower-case letters, digits and dashes, such as prod-us-east-1',
  },
  'pool-name': {
    test: value => value.length <= 40 && DNS_LABEL.test(value),
    allowed: 'a DNS label of at most 40 characters, such as gpu-nodes',
  },
  'dns-subdomain': {
    test: isSubdomain,
    allowed: 'a DNS name: lower-case letters, digits, dashes and dots, such as parca-tls',
  },
  'cluster-domain': {
    test: isClusterDomain,
    allowed: 'the domain behind `svc` in the names of Services, without a dot at either end, such as cluster.local or corp.internal',
  },
  'label-key': {
    test: isLabelKey,
    allowed: 'a label key, such as profiling or example.com/profiling',
  },
  'label-value': {
    test: value => LABEL_VALUE.test(value),
    allowed: 'a label value: at most 63 letters, digits, dashes, dots and underscores',
  },
  'annotation-value': {
    test: value => value.length <= 10_000 && isPrintable(value.replaceAll('\n', '')),
    allowed: 'a text of at most 10000 characters',
  },
  'header-name': {
    test: value => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(value),
    allowed: 'the name of a header: at most 64 letters, digits, dashes, dots and underscores, such as projectID',
  },
  'header-value': {
    // No semicolon, at which the agent cuts its list of headers, and no $ or backslash, which mean something on the way there.
    test: value => /^[A-Za-z0-9._:/@+=,-]([A-Za-z0-9._:/@+=, -]{0,510}[A-Za-z0-9._:/@+=,-])?$/.test(value),
    allowed: 'at most 512 letters, digits, spaces and any of . _ : / @ + = , -',
  },
  'store-address': {
    test: value => {
      const [host, port, ...rest] = value.split(':');
      return rest.length === 0 && isSubdomain(host) && !/(^|\.)[0-9]+$/.test(host) && /^[1-9][0-9]{0,4}$/.test(port ?? '') && Number(port) <= 65_535;
    },
    allowed: 'a host name and a port without a scheme, such as store.example.com:443; TLS is always used',
  },
  'https-url': {
    test: isHttpsUrl,
    allowed: 'a URL that begins with https://, without user, password, query or fragment, such as https://profiles.example.com',
  },
  'chart-repository': {
    test: value => isHttpsUrl(value) || (value.startsWith('oci://') && isHttpsUrl(value.replace(/^oci/, 'https'))),
    allowed: 'a URL that begins with https:// or oci://, without user and password, such as oci://mirror.example.com/charts',
  },
  'registry': {
    test: value => value.length <= 200 && /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,4})?(\/[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*)*$/.test(value)
      && /[.:]|^localhost$/.test(value.split('/')[0]),
    allowed: 'the host of a registry, with a port and a path if it has them, such as mirror.example.com:5000/ext; without a scheme',
  },
  'tenant-id': {
    // The gateway's list of credentials has a dash where there is no tenant.
    test: value => value.length <= 150 && /^[A-Za-z0-9!_.*'()-]+$/.test(value) && !['-', '.', '..', 'anonymous'].includes(value),
    allowed: "at most 150 letters, digits and any of ! - _ . * ' ( ), other than - and . and .. and anonymous",
  },
  'user-name': {
    test: value => /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/.test(value),
    allowed: 'at most 100 letters, digits, dots, dashes, underscores and @, such as "123456"; numbers in quotes',
  },
  'opt-in-value': {
    // An empty value would match every pod without the label: the agent reads both as the empty string.
    test: value => value !== '' && LABEL_VALUE.test(value),
    allowed: 'a label value that is not empty, such as enabled',
  },
  'cidr': {
    test: isCidr,
    allowed: 'an address block in CIDR notation other than /0, such as 10.0.0.10/32 or fd00::/64',
  },
  'memory': {
    test: value => (parseBytes(value) ?? 0) >= MIN_MEMORY,
    allowed: 'a quantity of bytes of at least 16Mi, such as 512Mi or 50Gi',
  },
  'cpu': {
    test: value => /^([1-9][0-9]{0,4}m|[1-9][0-9]{0,2})$/.test(value),
    allowed: 'a quantity of CPU, such as 50m or 1',
  },
  'image': {
    test: value => parseImage(value) !== undefined,
    allowed: 'an image reference with a tag, a digest of 64 hex digits, or both, such as ghcr.io/parca-dev/parca:v0.28.0@sha256:…',
  },
  'kernel-version': {
    test: value => /^\d{1,2}\.\d{1,3}$/.test(value),
    allowed: 'a kernel version as major.minor, such as "5.15"',
  },
  'kubernetes-version': {
    test: value => /^1\.\d{1,2}$/.test(value) && compareVersions(value, KUBERNETES.lowest) >= 0,
    allowed: `a Kubernetes version as major.minor, "${KUBERNETES.lowest}" or newer`,
  },
  'date': {
    test: isDate,
    allowed: 'a calendar day as YYYY-MM-DD, such as 2027-03-31',
  },
  'group': {
    // Groups of Kubernetes itself hold everybody, every node or every pod, or cannot be taken from anybody; the accounts of one
    // namespace can be told apart.
    test: value => isPrintable(value) && /^\S(.{0,251}\S)?$/u.test(value) && (!value.startsWith('system:') || serviceAccountNamespace(value) !== undefined),
    allowed: 'a group of people or system:serviceaccounts:<namespace>, such as sre-team; no other group of Kubernetes itself: '
      + 'system:authenticated, system:serviceaccounts and the like hold everybody, and nobody can be taken out of system:masters',
  },
  'sentence': {
    test: value => value.trim().length >= 10 && value.length <= 500 && isPrintable(value),
    allowed: 'a sentence of 10 to 500 characters on one line',
  },
  'api-group': {
    test: value => value === '' || isSubdomain(value),
    allowed: 'an API group, such as apps, or an empty string for the core group',
  },
  'resource': {
    test: value => /^[a-z][a-z0-9]{1,62}(\/[a-z]{1,62})?$/.test(value),
    allowed: 'a resource in plural, such as pods or pods/ephemeralcontainers',
  },
  'cel': {
    test: value => value.trim().length > 0 && value.length <= 5000 && isPrintable(value.replaceAll('\n', '')),
    allowed: 'an expression in CEL of at most 5000 characters, such as object.spec.replicas <= 5',
  },
  'data-key': {
    test: value => /^[A-Za-z0-9._-]{1,253}$/.test(value) && !/^\.{1,2}/.test(value),
    allowed: 'a key of a ConfigMap, such as ca.crt',
  },
  'absolute-path': {
    test: value => /^(\/[A-Za-z0-9_.-]+)+$/.test(value) && !value.split('/').includes('..'),
    allowed: 'an absolute path without .., such as /run/containerd/containerd.sock',
  },
  'exempt-path': {
    test: value => /^(\/[A-Za-z0-9_.-]+)+$/.test(value) && !value.split('/').some(name => name === '.' || name === '..'),
    allowed: 'an absolute path other than /, without . and .. and without a slash at its end, such as /var/log',
  },
  'apparmor-profile': {
    test: value => /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/.test(value) && value !== 'unconfined',
    allowed: 'the name of a profile that is loaded on the nodes, such as parca-agent',
  },
  'tenant': {
    // `anonymous` is the tenant of everything that was stored without one.
    test: value => value.length <= 40 && DNS_LABEL.test(value) && value !== 'anonymous',
    allowed: 'a DNS label of at most 40 characters other than anonymous, such as checkout',
  },
  'retention': {
    test: value => /^[1-9][0-9]{0,3}[hdw]$/.test(value),
    allowed: 'a whole number of hours, days or weeks, such as 12h, 7d or 4w',
  },
  'profile-size': {
    test: value => isBetween(parseBytes(value), 2 ** 16, 96 * 2 ** 20),
    allowed: 'a quantity of bytes from 64Ki to 96Mi, such as 4Mi',
  },
  'alloc-interval': {
    test: value => /^[1-9][0-9]{0,5}[km]?$/.test(value),
    allowed: 'a number of bytes as async-profiler reads it, such as 512k or 2m',
  },
  'lock-threshold': {
    test: value => /^[1-9][0-9]{0,5}(us|ms|s)$/.test(value),
    allowed: 'a duration as async-profiler reads it, such as 10ms',
  },
  'scan-interval': {
    test: value => isBetween(parseSeconds(value), 10, 86_400),
    allowed: 'a whole number of seconds, minutes or hours from 10s to 24h, such as 30s or 5m',
  },
  'learning-time': {
    test: value => isBetween(parseSeconds(value), 0, 86_400),
    allowed: 'a whole number of seconds, minutes or hours up to 24h, such as 0s or 15m',
  },
  'ebpf-type': {
    test: value => /^([a-z][a-z0-9_]{1,40}|[0-9]{1,5})$/.test(value),
    allowed: 'a type of eBPF program as bpftool calls it, such as perf_event or cgroup_device, or its number where bpftool knows no name',
  },
  'ebpf-name': {
    test: value => /^[A-Za-z0-9_.]{0,128}$/.test(value),
    allowed: 'the name of an eBPF program: letters, digits, underscores and dots; empty for one without a name',
  },
  'ebpf-tag': {
    test: value => /^[0-9a-f]{16}$/.test(value),
    allowed: 'the tag of an eBPF program as bpftool shows it: 16 lower-case hex digits, such as 6deef7357e7b4530',
  },
  'certificates': {
    test: value => value.length <= 100_000 && CERTIFICATES.test(value),
    allowed: 'one or more certificates in PEM: -----BEGIN CERTIFICATE-----, base64, -----END CERTIFICATE-----; no keys',
  },
  'store-key': {
    test: value => /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/.test(value) && value.length <= 200,
    allowed: 'names separated by slashes, such as profiling or teams/profiling',
  },
  'bucket': {
    test: value => /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/.test(value),
    allowed: 'the name of a bucket: 3 to 63 lower-case letters, digits, dashes and dots',
  },
  'role-arn': {
    test: value => /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(value),
    allowed: 'the ARN of an IAM role, such as arn:aws:iam::111122223333:role/parca',
  },
  'gcp-service-account': {
    test: value => /^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9.:-]{4,60}\.iam\.gserviceaccount\.com$/.test(value),
    allowed: 'the e-mail address of a Google service account, such as parca-server@my-project.iam.gserviceaccount.com',
  },
  'azure-account': {
    test: value => /^[a-z0-9]{3,24}$/.test(value),
    allowed: 'the name of a storage account: 3 to 24 lower-case letters and digits',
  },
  'uuid': {
    test: value => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value),
    allowed: 'a UUID, such as 00000000-0000-0000-0000-000000000000',
  },
};
