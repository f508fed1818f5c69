/** Requests of the scripts on the nodes, and the memory that each may have. */
export const NODE_RESOURCES = { cpuRequest: '5m', memoryRequest: '8Mi', settingsMemory: '32Mi', inventoryMemory: '64Mi' } as const;
