import { fileURLToPath } from 'node:url';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('open_inference_grpc.proto', import.meta.url));

/** The service as the standard's file describes it; both a client and a server are made of it. */
export function loadService(): ServiceDefinition {
  const { 'inference.GRPCInferenceService': service } = loadSync(PROTO, {
    keepCase: true,
    longs: Number,
    defaults: true,
  });
  if (service && !('format' in service)) return service;
  throw new Error(`${PROTO} does not describe inference.GRPCInferenceService.`);
}
