import { memoryAdapter } from '../../src/hub/memory-adapter.ts';
import { describeAdapter } from './adapter-contract.ts';

describeAdapter('memoryAdapter', { spansNodes: false, create: () => memoryAdapter() });
