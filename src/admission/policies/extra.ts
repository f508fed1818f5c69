import type { ExtraPolicySpec } from '../../api/admission';
import { EXCLUDED_NAMESPACES } from '../../config/defaults';
import { cel, createdBefore } from '../cel';
import type { Policy } from '../policy';
import { MORE_THAN_FINALIZERS } from '../workloads';

/** A policy of the user's. */
export function extra({ name, reason, expires, apiGroup = '', apiVersion = 'v1', resources, namespaces, expression, message }: ExtraPolicySpec): Policy {
  return {
    name,
    description: reason,
    annotations: expires === undefined ? {} : { expires },
    rules: [{ apiGroup, apiVersion, resources: [...resources].sort(), operations: ['CREATE', 'UPDATE'] }],
    namespaces: namespaces ? { only: [...namespaces].sort() } : { allBut: EXCLUDED_NAMESPACES },
    conditions: [MORE_THAN_FINALIZERS, ...(expires === undefined ? [] : [{ name: 'not-expired', expression: createdBefore(expires) }])],
    variables: [],
    validations: [{ expression, messageExpression: cel(message) }],
    // Nobody here can tell, and to be wrong would make a scan of existing objects fail.
    usesUserInfo: expression.includes('request'),
  };
}
