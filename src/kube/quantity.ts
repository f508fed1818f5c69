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

/** A number of bytes as a quantity in whole mebibytes, rounded up. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / FACTORS.Mi)}Mi`;
}
