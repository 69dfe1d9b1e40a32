import type { Gateway } from './gateway.ts';

export interface ServiceOptions {
  readonly name: string;
  readonly namespace?: string;
  /** The Service's own port; that of the gateway is another one. */
  readonly port: number;
  readonly gateway: Pick<Gateway, 'host' | 'port'>;
}

/** A Service without a selector that leads to a server of this machine, with its EndpointSlice. */
export function serviceFor({ name, namespace, port, gateway }: ServiceOptions): readonly object[] {
  const inNamespace = namespace === undefined ? {} : { namespace };
  return [
    {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, ...inNamespace } },
      spec: { ports: [{ name: 'server', port, targetPort: gateway.port }] },
    },
    {
      ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
      metadata: { name: `${name}-1`, ...inNamespace, labels: { 'kubernetes.io/service-name': name } },
      endpoints: [{ addresses: [gateway.host] }],
      ports: [{ name: 'server', port: gateway.port }],
    },
  ];
}
