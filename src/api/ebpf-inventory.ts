/**
 * A watch over the eBPF programs that are loaded on the nodes.
 *
 * The kernel lists them to SYS_ADMIN alone, so whoever watches is as privileged as what is watched. Where Tetragon or Falco run
 * already, let them do it.
 */
export interface EbpfInventorySpec {
  /**
   * Engine that watches the eBPF programs.
   *
   * @default EbpfInventoryEngine.BUNDLED
   */
  readonly engine?: EbpfInventoryEngine;

  /**
   * Interval from one look to the next, from 10s to 24h. Of the bundled engine.
   *
   * @default "5m"
   * @format scan-interval
   */
  readonly interval?: string;

  /**
   * Time during which every program that is loaded becomes part of the node's baseline, from the first look on a kernel that the node has
   * not run before; `0s` for the first look alone. Long enough for agents to start. Of the bundled engine, without a `baseline`.
   *
   * @default "15m"
   * @format learning-time
   */
  readonly learnFor?: string;

  /**
   * The programs that are expected, on every node. Of the bundled engine.
   *
   * Given here, nothing is learned and nothing is kept on the nodes.
   *
   * @default - learned by each node, for each kernel
   * @minItems 1
   */
  readonly baseline?: EbpfProgramSpec[];

  /**
   * Absolute paths of the executables that may load programs, as they are called in their container. Of Tetragon and Falco.
   *
   * A path is no proof: whoever can start a program of that name in some container is believed.
   *
   * @default - none: every load is an event
   * @format absolute-path
   * @minItems 1
   */
  readonly loaders?: string[];

  /**
   * The namespace Falco runs in, where its rules have to be.
   *
   * @default "falco"
   * @format dns-label
   */
  readonly falcoNamespace?: string;
}

/** Engine that watches the eBPF programs of the nodes. */
export enum EbpfInventoryEngine {
  /** A DaemonSet with SYS_ADMIN that lists programs at an interval and exposes the difference as metrics. */
  BUNDLED = 'bundled',
  /**
   * A TracingPolicy for Tetragon, which must be installed. It reports loads as they happen, and knows nothing of what was loaded before.
   *
   * @see https://github.com/cilium/tetragon/blob/main/examples/tracingpolicy/bpf.yaml
   */
  TETRAGON = 'tetragon',
  /**
   * A rule for Falco, which must be installed and told to read the ConfigMap. It reports loads as they happen.
   *
   * @see https://github.com/falcosecurity/rules/blob/main/rules/falco-incubating_rules.yaml
   */
  FALCO = 'falco',
}

/** An eBPF program that is expected. Ids take no part: they change whenever a program is loaded. */
export interface EbpfProgramSpec {
  /**
   * Its type, as bpftool calls it.
   *
   * @format ebpf-type
   */
  readonly type: string;

  /**
   * Its name; an empty string for a program without one. Names that are not from type information have at most 15 characters.
   *
   * @format ebpf-name
   */
  readonly name: string;

  /**
   * A digest of its instructions, 16 hex digits. It changes with the version of the loader and sometimes with the kernel; give an
   * entry for each.
   *
   * @default - any: whoever may load a program can give it this type and name
   * @format ebpf-tag
   */
  readonly tag?: string;

  /**
   * Number of the user who loaded it.
   *
   * @default 0
   * @range 0 4294967295
   */
  readonly uid?: number;
}
