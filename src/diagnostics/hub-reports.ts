import { hubConnect, hubDisconnect, hubRefused, hubRoomClose, hubRoomOpen, publish } from './channels.ts';

export function reportHubConnect(socket: object, namespace: string): void {
  if (hubConnect.hasSubscribers) publish(hubConnect, { socket, namespace });
}

export function reportHubDisconnect(socket: object, namespace: string): void {
  if (hubDisconnect.hasSubscribers) publish(hubDisconnect, { socket, namespace });
}

export function reportHubRoomOpen(room: string, namespace: string): void {
  if (hubRoomOpen.hasSubscribers) publish(hubRoomOpen, { room, namespace });
}

export function reportHubRoomClose(room: string, namespace: string): void {
  if (hubRoomClose.hasSubscribers) publish(hubRoomClose, { room, namespace });
}

export function reportHubRefusal(code: string, socket: object | undefined): void {
  if (hubRefused.hasSubscribers) publish(hubRefused, { code, socket });
}
