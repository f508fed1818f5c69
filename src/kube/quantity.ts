const FACTORS: Readonly<Record<string, number>> = {
  '': 1, 'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12, 'Ki': 2 ** 10, 'Mi': 2 ** 20, 'Gi': 2 ** 30, 'Ti': 2 ** 40,
};

/**
 * Bytes of a memory or storage quantity such as `512Mi`; undefined if it is none, or more than a number holds exactly.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseBytes(quantity: string): number | undefined {
  const match = /^([0-9]{1,9})(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(quantity);
  const bytes = match ? Number(match[1]) * FACTORS[match[2] ?? ''] : NaN;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Thousandths of a CPU of a quantity such as `250m` or `1`; undefined if it is none. */
export function parseCpu(quantity: string): number | undefined {
  const match = /^([0-9]{1,9})(m)?$/.exec(quantity);
  return match ? Number(match[1]) * (match[2] ? 1 : 1000) : undefined;
}

/** A number of bytes as a quantity in whole mebibytes, rounded up, or in what is larger. */
export function mebibytes(bytes: number): string {
  return canonicalBytes(`${Math.ceil(bytes / FACTORS.Mi)}Mi`);
}

/** Thousandths of a CPU as the API server writes them, such as `1` for 1000. */
export function cpus(millis: number): string {
  return millis % 1000 === 0 ? `${millis / 1000}` : `${millis}m`;
}

/** A quantity of CPUs as the API server writes it; what is no such quantity stays as it is. */
export function canonicalCpu(quantity: string): string {
  const millis = parseCpu(quantity);
  return millis === undefined ? quantity : cpus(millis);
}

/** A quantity of bytes as the API server writes it, such as `1Gi` for `1024Mi`; what is no such quantity stays as it is. */
export function canonicalBytes(quantity: string): string {
  const bytes = parseBytes(quantity);
  const isBinary = quantity.endsWith('i');
  const suffix = bytes && (isBinary ? ['Ti', 'Gi', 'Mi', 'Ki'] : ['T', 'G', 'M', 'k']).find(candidate => bytes % FACTORS[candidate] === 0);
  return bytes === undefined ? quantity : `${suffix ? bytes / FACTORS[suffix] : bytes}${suffix || ''}`;
}
