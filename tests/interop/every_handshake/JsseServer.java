import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Arrays;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A server of Java's JSSE with all that it has: says its suites, then answers one byte on each connection. */
public final class JsseServer {
    /** PORT, a PKCS #12 file of key and certificate, its password. */
    public static void main(String[] arguments) throws Exception {
        // What the platform has, not what its policy leaves of it: old versions, SHA-1 and 3DES.
        Security.setProperty("jdk.tls.disabledAlgorithms", "");
        Security.setProperty("jdk.certpath.disabledAlgorithms", "");
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] password = arguments[2].toCharArray();
        try (FileInputStream file = new FileInputStream(arguments[1])) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, new SecureRandom());
        String[] suites = context.getServerSocketFactory().getSupportedCipherSuites();
        System.out.println("suites: " + String.join(" ", suites));

        int port = Integer.parseInt(arguments[0]);
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        SSLServerSocket listener =
            (SSLServerSocket) context.getServerSocketFactory().createServerSocket(port, 100, loopback);
        listener.setEnabledCipherSuites(suites);
        listener.setEnabledProtocols(new String[] {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"});
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            Thread thread = new Thread(() -> serve(socket));
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void serve(SSLSocket socket) {
        try (socket) {
            if (socket.getInputStream().read() >= 0) {
                socket.getOutputStream().write("hello".getBytes());
            }
        } catch (Exception error) {
            System.err.println(error);
        }
    }
}
