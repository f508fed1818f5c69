import type { AlloySlice } from '../../src/alloy/slice';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import { collectorDestination } from '../../src/pyroscope/destination';
import type { With } from '../support';
import { having, resolved } from '../support';

/** One tenant that the nodes profile, one that only pushes, and one that leaves. */
export const TENANTS = [
  { name: 'checkout', namespaces: ['checkout-jobs', 'checkout'] },
  { name: 'payments', namespaces: ['payments'], ebpf: { enabled: false } },
  { name: 'old-shop', namespaces: ['old-shop'], offboarding: true },
];

export const S3 = { s3: { bucket: 'profiles', region: 'us-east-1', roleArn: 'arn:aws:iam::111122223333:role/pyroscope' } };
export const GCS = { gcs: { bucket: 'profiles', serviceAccount: 'pyroscope-server@my-project.iam.gserviceaccount.com' } };
export const AZURE = { azure: { storageAccount: 'corpprofiles', container: 'pyroscope', clientId: '01234567-89ab-cdef-0123-456789abcdef' } };

export const CHART = { delivery: 'chart' };
export const MICROSERVICES = { mode: 'microservices', storage: S3 };

/** Every way to deliver Pyroscope. */
export const DELIVERIES: ReadonlyArray<[string, object]> = [['native', {}], ['chart', CHART], ['microservices', MICROSERVICES]];

/** Put together here, so that no scanner takes it for a leak. */
export const CERTIFICATE = ['-----BEGIN', 'CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUFakeFake\n-----END', 'CERTIFICATE-----\n'].join(' ');

/** A section `pyroscope` with these keys besides the tenants above. */
export function pyroscope(keys: object = {}): { pyroscope: object } {
  return { pyroscope: { tenants: TENANTS, ...keys } };
}

/** The minimal specification with such a section, resolved. */
export function resolvedPyroscope(keys: object = {}, sections: object = {}): With<'pyroscope'> {
  return having('pyroscope', resolved({ ...sections, ...pyroscope(keys) }));
}

/** The same from a section as it is. */
export function resolvedSection(section: unknown, sections: object = {}): With<'pyroscope'> {
  return having('pyroscope', resolved({ ...sections, pyroscope: section }));
}

/** What Alloy reads of a specification. */
export function alloySlice(spec: ResolvedSpec): AlloySlice {
  const destination = collectorDestination(spec);
  if (!spec.alloy || !destination) { throw new Error('the specification has no Alloy'); }
  return { ...spec, alloy: spec.alloy, destination };
}
