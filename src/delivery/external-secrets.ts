import type { Context } from '../component';
import type { ResolvedCa, ResolvedExternalSecrets } from '../config/resolved-spec';
import { labels } from '../kube/labels';
import type { Manifest, Part } from '../kube/manifest';

/** Secret whose values are in a store. */
export interface StoredSecret {
  readonly namespace: string;
  readonly name: string;
  /** `app.kubernetes.io/name` of both objects. */
  readonly app: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly entries: readonly StoredEntry[];
}

/** Entry of a Secret: its key, that in the store below the prefix, and the text that a template makes of the value. */
export interface StoredEntry {
  readonly key: string;
  readonly storeKey: string;
  readonly template: string;
}

/** A value from the store as it stands in a template, through a function of templates if one is given. */
export function fromStore(storeKey: string, filter?: string): string {
  return `{{ index . "${templateKey(storeKey)}"${filter === undefined ? '' : ` | ${filter}`} }}`;
}

/** The name of a value in templates, which may have no slash. */
function templateKey(storeKey: string): string {
  return storeKey.replaceAll('/', '.');
}

/**
 * A Secret as an object of the External Secrets Operator. Defaults of the operator are written out: it adds them to the entries of lists,
 * where GitOps tools would take each for a change.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 * @see https://external-secrets.io/latest/guides/templating/
 */
export function externalSecret(
  { storeRef, keyPrefix, property }: ResolvedExternalSecrets, { namespace, name, app, labels: extra = {}, entries }: StoredSecret,
): Manifest & { spec: unknown } {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace, labels: labels(app) },
    spec: {
      refreshInterval: '1h0m0s',
      secretStoreRef: storeRef,
      target: {
        name,
        creationPolicy: 'Owner',
        deletionPolicy: 'Retain',
        template: {
          engineVersion: 'v2',
          mergePolicy: 'Replace',
          metadata: { labels: { ...labels(app), ...extra } },
          data: Object.fromEntries(entries.map(({ key, template }) => [key, template])),
        },
      },
      data: [...new Set(entries.map(({ storeKey }) => storeKey))].map(storeKey => ({
        secretKey: templateKey(storeKey),
        remoteRef: {
          key: `${keyPrefix}/${storeKey}`,
          ...(property !== undefined && { property }),
          conversionStrategy: 'Default',
          decodingStrategy: 'None',
          metadataPolicy: 'None',
        },
      })),
    },
  };
}

/** The CA certificates that a profiler trusts, if a Secret has them: the same one for all profilers that trust the same CA. */
export function caSecret({ externalSecrets, agents: { namespace } }: Context, ca: ResolvedCa | undefined): Part {
  if (!externalSecrets || ca?.kind !== 'Secret') { return {}; }
  const entries = [{ key: ca.key, storeKey: 'ca', template: fromStore('ca') }];
  return { [`external-secret-${ca.name}`]: externalSecret(externalSecrets, { namespace, name: ca.name, app: 'profilers', entries }) };
}
