/** A Linux capability as Kubernetes spells it, without the CAP_ prefix that containerd would not understand. */
export interface GrantedCapability {
  readonly name: string;
  /** Reason to grant it: what stops working without it. */
  readonly reason: string;
}
