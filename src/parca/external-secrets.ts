import { AGENT_NAME, SERVER_NAME } from './names';
import type { ServerSlice } from './push-tokens';
import { pushSecrets } from './push-tokens';
import { namespacesUsing } from './secrets';
import type { AgentSlice } from './store';
import { PARCA_ROLES } from '../config/defaults';
import type { ParcaRole } from '../config/defaults';
import { externalSecret, fromStore } from '../delivery/external-secrets';
import { TOKEN_KEYS } from '../gateway/paths';
import type { Part } from '../kube/manifest';

const [TOKEN] = TOKEN_KEYS.raw;

/** The Secrets of the gateway's tokens as objects of the External Secrets Operator; none unless the specification names a store. */
export function parcaExternalSecrets(spec: ServerSlice): Part {
  const { externalSecrets, parca } = spec;
  if (!externalSecrets) { return {}; }
  const wanted: Array<readonly [id: string, role: ParcaRole, name: string]> = [
    ...PARCA_ROLES.map(role => [role, role, parca.tokens[role]] as const),
    ...pushSecrets(spec).map(({ pool, secretName }) => [`push/${pool}`, 'push', secretName] as const),
  ];
  return Object.fromEntries(wanted.flatMap(([id, role, name]) => {
    const storeKey = `${SERVER_NAME}/${id}`;
    const using = namespacesUsing(spec, role, name);
    const users = using.filter(namespace => namespace !== parca.namespace);
    const isUsedHere = users.length === 0 || users.length < using.length;
    const raw = { key: TOKEN, storeKey, template: fromStore(storeKey) };
    const entry = isUsedHere ? raw : { key: TOKEN_KEYS.digests, storeKey, template: fromStore(storeKey, 'sha256sum') };
    return [
      [`external-secret-${id.replace('/', '-')}`, externalSecret(externalSecrets, { namespace: parca.namespace, name, app: SERVER_NAME, entries: [entry] })],
      ...users.map(namespace => [
        `external-secret-${id.replace('/', '-')}-${namespace}`, externalSecret(externalSecrets, { namespace, name, app: SERVER_NAME, entries: [raw] }),
      ]),
    ];
  }));
}

/** The tokens that agents take from a secret store, for a store of profiles elsewhere. */
export function agentExternalSecrets(spec: AgentSlice): Part {
  const { externalSecrets, agents: { namespace, nodePools }, store, parcaAgent } = spec;
  if (!externalSecrets || !parcaAgent.remoteStore) { return {}; }
  const ofPools = nodePools.filter(({ mode, pushSecret }) => mode !== 'none' && pushSecret !== undefined)
    .map(({ name, pushSecret }) => [`push/${name}`, pushSecret!] as const);
  return Object.fromEntries([['push', store.tokenSecret] as const, ...ofPools].map(([id, name]) => {
    const storeKey = `${SERVER_NAME}/${id}`;
    return [`external-secret-${id.replace('/', '-')}`, externalSecret(externalSecrets, {
      namespace, name, app: AGENT_NAME, entries: [{ key: TOKEN, storeKey, template: fromStore(storeKey) }],
    })];
  }));
}
