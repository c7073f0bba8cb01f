/** `ws` is a dependency of this workspace alone; what tests need of it comes from here. */
export { WebSocket, WebSocketServer } from 'ws';
