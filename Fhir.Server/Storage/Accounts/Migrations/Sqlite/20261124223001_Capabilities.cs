using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Fhir.Server.Storage.Accounts.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Capabilities : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "capability",
                columns: table => new
                {
                    Hash = table.Column<string>(type: "TEXT", nullable: false),
                    Study = table.Column<string>(type: "TEXT", nullable: false),
                    Id = table.Column<string>(type: "TEXT", nullable: true),
                    Authorisation = table.Column<string>(type: "TEXT", nullable: false),
                    Token = table.Column<string>(type: "TEXT", nullable: false),
                    Record = table.Column<string>(type: "TEXT", nullable: false),
                    Series = table.Column<string>(type: "TEXT", nullable: true),
                    Expires = table.Column<long>(type: "INTEGER", nullable: false),
                    Revoked = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_capability", x => new { x.Hash, x.Study });
                });

            migrationBuilder.CreateIndex(
                name: "IX_capability_Expires",
                table: "capability",
                column: "Expires");

            migrationBuilder.CreateIndex(
                name: "IX_capability_Record_Study",
                table: "capability",
                columns: new[] { "Record", "Study" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "capability");
        }
    }
}
