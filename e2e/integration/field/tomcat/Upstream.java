import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.startup.Tomcat;

/** A Tomcat with its defaults. Each servlet answers with its own name; the port is the first line of output. */
public class Upstream {
  public static void main(String[] arguments) throws Exception {
    var tomcat = new Tomcat();
    tomcat.setBaseDir(arguments[0]);
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(0);
    var context = tomcat.addContext("", arguments[0]);
    for (var mapping : new String[][] {{"orders", "/orders/*"}, {"admin", "/admin"}, {"other", "/"}}) {
      Tomcat.addServlet(context, mapping[0], new Named(mapping[0]));
      context.addServletMappingDecoded(mapping[1], mapping[0]);
    }
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.start();
    System.out.println(tomcat.getConnector().getLocalPort());
    while (System.in.read() != -1) {}
    tomcat.stop();
    System.exit(0);
  }

  static class Named extends HttpServlet {
    private final String name;

    Named(String name) {
      this.name = name;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
      System.out.println(name + " " + request.getRequestURI());
      response.setContentType("text/plain");
      response.getWriter().print(name);
    }
  }
}
