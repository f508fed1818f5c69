import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container, PodTemplateSpec } from 'kubernetes-types/core/v1';
import { withDefaults } from './pod-defaults';
import { ANNOTATION_PREFIX } from '../../../kube/labels';
import type { Complete } from '../../../kube/manifest';
import type { CelValue } from '../../cel';
import { cel } from '../../cel';

/**
 * Pod templates of the emitted DaemonSets, as expressions of CEL about the one in `variables.daemonSet`.
 *
 * They are made from the templates field by field, so that whatever somebody adds to a template is compared without an edit here. What
 * several DaemonSets have in common is written once, since there can be as many as node pools.
 *
 * A field is a list of what it may be, each a list again: of the value, or of nothing where it may be missing.
 */
export interface EmittedPods {
  /** Of the pod, without its containers. */
  readonly podFields: string;
  /** Of each container, by its name. */
  readonly containerFields: string;
  /** Names in their order. */
  readonly containerNames: string;
  readonly initContainerNames: string;
  readonly labels: string;
  readonly annotations: string;
}

/** Annotations with such a name may say anything: they roll pods, or tell people something. */
export const FREE_ANNOTATIONS: readonly string[] = [`${ANNOTATION_PREFIX}/`, 'checksum/'];

export function emittedPods(daemonSets: ReadonlyArray<Complete<DaemonSet>>): EmittedPods {
  const known: KnownTexts = new Map();
  const pods = new Map(daemonSets.map(({ metadata, spec }) => [cel(metadata.name), pod(spec!.template, known)]));
  const each = <T>(pick: (one: Pod) => T): Map<string, T> => new Map([...pods].map(([name, one]) => [name, pick(one)]));
  const names = [...new Set([...pods.values()].flatMap(({ containers }) => [...containers.keys()]))].sort();
  return {
    podFields: byField(each(one => one.fields)),
    containerFields: `{${names.map(name => `${cel(name)}: dyn(${byField(each(({ containers }) => containers.get(name) ?? {}))})`).join(LINE)}}`,
    containerNames: byDaemonSet(each(({ containerNames }) => containerNames)),
    initContainerNames: byDaemonSet(each(({ initContainerNames }) => initContainerNames)),
    labels: byField(each(({ labels }) => labels)),
    annotations: byField(each(({ annotations }) => annotations)),
  };
}

/** Allowed values of each field, as texts of CEL. */
type Fields = Readonly<Record<string, string>>;

interface Pod {
  readonly fields: Fields;
  readonly containers: ReadonlyMap<string, Fields>;
  readonly containerNames: string;
  readonly initContainerNames: string;
  readonly labels: Fields;
  readonly annotations: Fields;
}

function pod({ metadata: { annotations = {}, labels = {} } = {}, spec }: PodTemplateSpec, known: KnownTexts): Pod {
  const { containers, initContainers = [], ...emitted } = spec!;
  const { containers: storedContainers, initContainers: storedInitContainers = [], ...stored } = withDefaults(spec!);
  const pairs = [...containers, ...initContainers].map((one, i) => [one, [...storedContainers, ...storedInitContainers][i]] as const);
  const restricted = Object.fromEntries(Object.entries(annotations).filter(([key]) => !FREE_ANNOTATIONS.some(prefix => key.startsWith(prefix))));
  return {
    fields: fields(emitted, stored, known),
    containers: new Map(pairs.map(([one, other]) => [one.name, containerFields(one, other, known)])),
    containerNames: cel(containers.map(({ name }) => name)),
    initContainerNames: cel(initContainers.map(({ name }) => name)),
    labels: fields(labels, labels, known),
    annotations: fields(restricted, restricted, known),
  };
}

function containerFields({ resources: _, ...emitted }: Container, { resources: __, ...stored }: Container, known: KnownTexts): Fields {
  // The admission plugin AlwaysPullImages makes them so.
  return { ...fields(emitted, stored, known), imagePullPolicy: cel([[emitted.imagePullPolicy ?? 'IfNotPresent'], ['Always']]) };
}

/** A field may be what was emitted, and what the API server makes of that before it asks. */
function fields(emitted: object, stored: object, known: KnownTexts): Fields {
  const [before, after] = [emitted, stored] as Array<Readonly<Record<string, unknown>>>;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return Object.fromEntries(keys.map(key => [key, options(JSON.stringify(before[key]), JSON.stringify(after[key]), known)]));
}

/** Texts that were written before, by their JSON: most fields are the same in every pool. */
type KnownTexts = Map<string, string>;

function options(emitted: string | undefined, stored: string | undefined, known: KnownTexts): string {
  const key = `${emitted} ${stored}`;
  const written = known.get(key);
  if (written !== undefined) { return written; }
  const [given, filled] = [emitted, stored].map(json => (json === undefined ? [] : [JSON.parse(json) as CelValue]));
  const text = cel(emitted === stored ? [given] : [given, filled]);
  known.set(key, text);
  return text;
}

/** Allowed values of a field that must be missing. */
const MISSING = cel([[]]);

/** Each field has a line of its own, for whoever reads the policy. */
const LINE = ',\n';

/** For each field of any of them; one that a DaemonSet does not have must be missing. */
function byField(all: ReadonlyMap<string, Fields>): string {
  const keys = [...new Set([...all.values()].flatMap(one => Object.keys(one)))].sort();
  return `{${keys.map(key => `${cel(key)}: dyn(${byDaemonSet(new Map([...all].map(([name, one]) => [name, one[key] ?? MISSING])))})`).join(LINE)}}`;
}

/** A text that follows from the DaemonSet; the keys are names in CEL. */
function byDaemonSet(all: ReadonlyMap<string, string>): string {
  const indexes = new Map<string, number>();
  all.forEach(text => { if (!indexes.has(text)) { indexes.set(text, indexes.size); } });
  const texts = [...indexes.keys()];
  if (texts.length <= 1) { return texts[0] ?? '[]'; }
  const places = [...all].map(([name, text]) => `${name}: ${indexes.get(text)}`);
  return `[${texts.map(text => `dyn(${text})`).join(', ')}][{${places.join(', ')}}[variables.daemonSet]]`;
}
