import type { Meter, Tracer } from '@opentelemetry/api';

export function instrumentHawser(providers?: { tracer?: Tracer; meter?: Meter }): () => void;
