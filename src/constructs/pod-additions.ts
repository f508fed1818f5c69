import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Container, EnvVar, PodTemplateSpec, Volume, VolumeMount } from 'kubernetes-types/core/v1';

/** What the pods of a workload get by a grant. Mounts and variables are for every container, and not for init containers. */
export interface PodAdditions {
  readonly labels: Readonly<Record<string, string>>;
  readonly volumes?: readonly Volume[];
  readonly mounts?: readonly VolumeMount[];
  readonly env?: readonly EnvVar[];
}

/** A pod template with additions, and why some of them could not be made: sentences about what is there instead. */
export interface ExtendedTemplate {
  readonly template: PodTemplateSpec;
  readonly clashes: readonly string[];
}

/** A list with additions, and what is there instead of some of them. */
interface Extended<T> {
  readonly list: readonly T[] | undefined;
  readonly clashes: ReadonlyArray<{ readonly present: T; readonly added: T }>;
}

/** Additions that mount a token from its Secret, as the file `token`. */
export function mountedToken(label: string, volume: string, secretName: string, mountPath: string): PodAdditions {
  return {
    labels: { [label]: 'true' },
    // Readable by every user of the container, since nobody else has this mount and we do not know its user.
    volumes: [{ name: volume, secret: { secretName, defaultMode: 0o444, items: [{ key: 'token', path: 'token' }] } }],
    mounts: [{ name: volume, mountPath, readOnly: true }],
  };
}

/** A pod template with additions. What it has of them already stays as it is; what is taken by something else is a clash. */
export function extendedTemplate(template: PodTemplateSpec, { labels, volumes = [], mounts = [], env = [] }: PodAdditions): ExtendedTemplate {
  const { metadata, spec } = template;
  const withLabels = extended(Object.entries(metadata?.labels ?? {}), Object.entries(labels), ([key]) => key);
  const withVolumes = extended(spec?.volumes, volumes, ({ name }) => name);
  const containers = (spec?.containers ?? []).map(container => extendedContainer(container, mounts, env));
  return {
    template: {
      ...template,
      metadata: { ...metadata, labels: Object.fromEntries(withLabels.list ?? []) },
      spec: { ...spec, containers: containers.map(({ container }) => container), ...(withVolumes.list && { volumes: [...withVolumes.list] }) },
    },
    clashes: [
      ...withLabels.clashes.map(({ present, added }) => `the pods have the label \`${present.join(': ')}\`, and need \`${added.join(': ')}\`. Remove it.`),
      ...withVolumes.clashes.map(({ present }) =>
        `the pods have another volume \`${present.name}\` (${Object.keys(present).filter(key => key !== 'name').join(', ')}). Rename it.`),
      ...containers.flatMap(({ clashes }) => clashes),
    ],
  };
}

interface ExtendedContainer {
  readonly container: Container;
  readonly clashes: readonly string[];
}

function extendedContainer(container: Container, mounts: readonly VolumeMount[], env: readonly EnvVar[]): ExtendedContainer {
  const withMounts = extended(container.volumeMounts, mounts, ({ mountPath }) => posix.join(mountPath, '/'));
  const withEnv = extended(container.env, env, ({ name }) => name);
  return {
    container: {
      ...container,
      ...(withMounts.list && { volumeMounts: [...withMounts.list] }),
      ...(withEnv.list && { env: [...withEnv.list] }),
    },
    clashes: [
      ...withMounts.clashes.map(({ present, added }) => `container \`${container.name}\` has the volume \`${present.name}\` at \`${present.mountPath}\`, `
        + `where \`${added.name}\` would be mounted read-only. Choose another \`mountPath\`.`),
      // What it is set to is not shown: it may be a token.
      ...withEnv.clashes.map(({ present }) => `container \`${container.name}\` sets \`${present.name}\` to something else. Remove it.`),
    ],
  };
}

/** A list with entries that it does not have yet. Nothing where it is absent and stays so. */
function extended<T>(list: readonly T[] | null | undefined, additions: readonly T[], keyOf: (entry: T) => string): Extended<T> {
  const present = new Map((list ?? []).map(entry => [keyOf(entry), entry]));
  const missing = additions.filter(added => !present.has(keyOf(added)));
  return {
    list: missing.length > 0 ? [...list ?? [], ...missing] : list ?? undefined,
    clashes: additions.flatMap(added => {
      const found = present.get(keyOf(added));
      return found === undefined || isSame(found, added) ? [] : [{ present: found, added }];
    }),
  };
}

/** Whether both are the same on the wire, where keys without a value do not appear. */
function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
